/** The worker's side, for those that run a plugin in a thread of their own making: benchmarks and tests. */

export type {
  AdapterContext,
  ParseOutcome,
  ParserAdapter,
  ParserFactory,
} from '../api/contract/parser-adapter.js';
export { loadParserAdapter } from '../api/versions.js';
export { createInstanceMeter, InstanceMeterWriter } from '../shared/protocol/instance-meter.js';
export type { ByteInput } from './input/byte-input.js';
export { FileInput } from './input/file-input.js';
export { PositionedInput, type PositionedReader } from './input/positioned-input.js';
export { type ByteReader, RingInput, type RingInputOptions } from './input/ring-input.js';
export { SourceRestarts } from './input/source-restarts.js';
export { SplitBoundaries } from './input/split-boundaries.js';
export { CallMonitor } from './instance/call-monitor.js';
export { threadUsage } from './instance/thread-usage.js';
export { Turns } from './instance/turns.js';
export { FrameBuilder } from './output/frame-builder.js';
export type { LiftedFrame } from './output/lifted-frame.js';
export { runSplits } from './parser/split-runs.js';
export { Window } from './parser/window.js';
