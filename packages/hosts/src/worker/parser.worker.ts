/** What a pool's thread runs for one instance of a parser. Named by main/host/parser-host.ts. */
export { runParser as default } from './parser/parser-program.js';
