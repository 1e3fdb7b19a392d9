export * from '../shared/index.js';
export { serveControl } from '../shared/instance/serve-control.js';
export { ByteRingWriter, type ByteRingWriterOptions } from '../shared/ring/byte-ring-writer.js';
export type { RingMark } from '../shared/ring/ring-mark.js';
export type { CoreCaller, CoreFunction, CoreImportReplacement, Realloc } from './component/core-calls.js';
export { ComponentInstance, type DirectFunction, type InstantiateOptions } from './instance/component-instance.js';
export { LiftBounds, type LiftLimits, MAX_TEXT_BYTES, OversizedText } from './instance/lift-bounds.js';
export { readAt } from './positional-read.js';
export { BatchRingWriter } from './ring/batch-ring-writer.js';
export { ByteRingReader, type ByteRingReaderOptions } from './ring/byte-ring-reader.js';
export { PluginExit } from './wasi/cli/plugin-exit.js';
// The class itself is at './wasi': most of what a worker would load, for the plugins that use it.
export type { OutputStreamName, WasiHost, WasiSinks } from './wasi/wasi-host.js';
