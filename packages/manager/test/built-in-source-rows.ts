/** The options of built-in sources, for the tests of options: each of them has its rows here. */
import { EMPTY, LIST, limit, NULL, NUMBER, object, type Row, TEXT, whole } from './option-rows.js';

const name = (path: string): Row => [path, 'a text that is not empty', EMPTY, NUMBER, NULL];

export const builtInRows: readonly Row[] = [
  object('source.tcp', 'host, port, connectTimeoutMs'),
  name('source.tcp.host'),
  whole('source.tcp.port', 1, 65_535),
  limit('source.tcp.connectTimeoutMs', 1),
  // Beside a plugin, `follow` has other options.
  ['source.follow.file', 'the path of a file or a file: URL', EMPTY, NUMBER, NULL],
  [
    'source.follow.start',
    `'beginning' or 'end' or a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`,
    TEXT,
    NULL,
    LIST,
  ],
  ['source.follow.poll', 'true or false or a whole number from 1 to 2147483647', TEXT, NULL, LIST],
  limit('source.follow.idleMs', 1),
  whole('source.follow.graceMs'),
  ['source.follow.rotation', "'segment' or 'join'", TEXT, NUMBER, NULL],
];

/** Nothing has to stand beside them. */
export const besideBuiltIn = Object.fromEntries(builtInRows.map(([path]) => [path, () => ({})]));
