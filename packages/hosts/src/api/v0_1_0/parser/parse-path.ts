/** The two ways of calling `parse`, as one shape: directly on the core export, and through the bindings. */
import type { FrameBuilder } from '../../../worker/output/frame-builder.js';
import type { FrameSource } from '../../../worker/output/frame-source.js';
import type { LiftedFrame } from '../../../worker/output/lifted-frame.js';
import type { ParseOutcome } from '../../contract/parser-adapter.js';

/** Everything that it throws is turned into a `PluginError` by the adapter. */
export interface ParsePath {
  /** Bytes of the plugin's memory; 0 where it cannot be seen. */
  readonly memoryBytes: number;
  /** Into how many columns lines that hold separators are split at most. Default 0: into none. */
  set mostColumns(columns: number);
  prepare(byteLength: number): Uint8Array;
  parse(byteLength: number, timeMs?: number): ParseOutcome;
  next(slotOffset: number, slotBytes: number, offset: number, source?: FrameSource): LiftedFrame | undefined;
  readInto(builder: FrameBuilder): void;
  release(): void;
}
