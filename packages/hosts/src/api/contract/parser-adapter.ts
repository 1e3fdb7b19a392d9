/** What the producer loop needs of a parser plugin, whatever its API version. Each version has an adapter that implements it. */
import type { RingMemory, WasiHost } from '@chipmunk-host/runtime/internal/worker';
import type { ConfigItem, LogLevel } from '../../shared/config/config-schema.js';
import type { ParserInfo, RenderOptions } from '../../shared/plugin-info.js';
import type { ParserAdapterOptions } from '../../shared/protocol/parser-messages.js';
import type { FrameSource } from '../../worker/output/frame-source.js';
import type { ItemReader, LiftedFrame } from '../../worker/output/lifted-frame.js';

/** What one `parse` call came to. */
export type ParseOutcome =
  | { readonly kind: 'items'; readonly count: number }
  | { readonly kind: 'parse' | 'unrecoverable'; readonly message: string }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'eof' };

export interface ParserAdapter extends ItemReader {
  /** Bytes of the plugin's memory, as far as it can be seen; 0 where not. */
  readonly memoryBytes: number;
  info(): ParserInfo;
  /** What its columns are: behind `init` they may follow from the configuration. */
  renderOptions(): RenderOptions;
  init(config: readonly ConfigItem[], logLevel: LogLevel): void;

  /** Memory for the next slice of input, `byteLength` long: fill it, then call `parse`. */
  prepare(byteLength: number): Uint8Array;
  /**
   * Parses the first `byteLength` bytes of what was prepared.
   * @param timeMs the time of the input that was seen last, in milliseconds since 1970. Default: none was
   */
  parse(byteLength: number, timeMs?: number): ParseOutcome;

  /**
   * The next batch of the items that `parse` returned; undefined when there are no more.
   * @param slotOffset where the batch may be written, in bytes into the ring's memory
   * @param offset position in the input of the first byte that it accounts for
   * @param source the input that it is from. Default: number 0, without a name
   */
  next(slotOffset: number, slotBytes: number, offset: number, source?: FrameSource): LiftedFrame | undefined;
  /** Lets the plugin free what `parse` returned. */
  release(): void;
}

/** What an adapter needs of the worker that it runs in. */
export interface AdapterContext {
  /** Takes one log line of the plugin. */
  log(level: LogLevel, message: string): void;
  /** Path of the instance's temporary directory, which is created on the first call. */
  tempDirectory(): string;
  /** The last lines that the plugin logged or wrote. */
  lastLines(): readonly string[];
  /** The instance's WASI; undefined for a plugin that imports none. */
  readonly wasi?: WasiHost | undefined;
}

/** Makes an instance at once. @throws PluginError when the plugin fails to start */
export type ParserFactory = (ring: RingMemory, context: AdapterContext, options: ParserAdapterOptions) => ParserAdapter;
