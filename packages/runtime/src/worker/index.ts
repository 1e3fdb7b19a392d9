export * from '../shared/index.js';
export { withinTimeLimit } from './call-guard.js';
export {
  ComponentInstance,
  type CoreCaller,
  type CoreFunction,
  type CoreImportReplacement,
  type DirectFunction,
  type InstantiateOptions,
} from './component-instance.js';
export { RingWriter } from './ring-writer.js';
export { serveControl } from './serve-control.js';
