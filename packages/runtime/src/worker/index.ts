export { ChunkWriter, type ChunkWriterOptions } from '../shared/chunk-writer.js';
export * from '../shared/index.js';
export type { RingMark } from '../shared/ring-mark.js';
export { serveControl } from '../shared/serve-control.js';
export { ChunkReader, type ChunkReaderOptions } from './chunk-reader.js';
export {
  ComponentInstance,
  type CoreCaller,
  type CoreFunction,
  type CoreImportReplacement,
  type DirectFunction,
  type InstantiateOptions,
  type Realloc,
} from './component-instance.js';
export { LiftBounds, type LiftLimits, MAX_TEXT_BYTES, OversizedText } from './lift-bounds.js';
export { readAt } from './positional-read.js';
export { RingWriter } from './ring-writer.js';
export { PluginExit } from './wasi/plugin-exit.js';
// The class itself is at './wasi': most of what a worker would load, for the plugins that use it.
export type { OutputStreamName, WasiHost, WasiSinks } from './wasi/wasi-host.js';
