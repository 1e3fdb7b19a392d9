/** The program of a source's worker, see source-program.ts. */
export { runSource as default } from './source-program.js';
