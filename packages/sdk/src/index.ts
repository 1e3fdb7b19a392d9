/** Builds Chipmunk plugins written in AssemblyScript. The guest library that they are written with is in `assembly/`. */
export { BuildError, type BuildErrorCode } from './build-error.js';
export { type BuildOptions, type BuiltPlugin, buildPlugin } from './build-plugin.js';
export type { PluginKind } from './plugin-kind.js';
