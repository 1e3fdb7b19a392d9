export { CASES, type InteropCase, randomCase } from './cases.js';
export { INTEROP_PLUGINS, type InteropPlugin, interopPlugin } from './plugins.js';
export { type RecordAttachment, record } from './record-encoding.js';
