/** What a pool's thread runs for one instance of a byte-source. Named by main/host/byte-source-host.ts. */
export { runByteSource as default } from './source-plugin/byte-source-program.js';
