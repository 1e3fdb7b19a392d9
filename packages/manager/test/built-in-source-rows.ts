/** The options of built-in sources, for the tests of options: each of them has its rows here. */
import { SOURCE_KINDS } from '@chipmunk-host/sources/internal';
import { EMPTY, limit, NULL, NUMBER, object, type Row, whole } from './option-rows.js';

const name = (path: string): Row => [path, 'a text that is not empty', EMPTY, NUMBER, NULL];

export const builtInRows: readonly Row[] = [
  object('source.tcp', 'host, port, connectTimeoutMs'),
  name('source.tcp.host'),
  whole('source.tcp.port', 1, 65_535),
  limit('source.tcp.connectTimeoutMs', 1),
];

/** Nothing has to stand beside them. */
export const besideBuiltIn = Object.fromEntries(SOURCE_KINDS.map((kind) => [`source.${kind}`, () => ({})]));
