/** Options by their paths: what each may be, and values that it may not be, for the tests of options. */
import { SOURCE_KINDS } from '@chipmunk-host/sources/internal';

/** An option by its path, what is allowed, values that are not and how messages show them. */
export type Row = readonly [path: string, expected: string, ...wrong: (readonly [value: unknown, shown: string])[]];

export const TEXT = ['5', "'5'"] as const;
const MINUS = [-5, '-5'] as const;
const FRACTION = [1.5, '1.5'] as const;
const NOT_A_NUMBER = [Number.NaN, 'NaN'] as const;
const INFINITE = [Number.POSITIVE_INFINITY, 'Infinity'] as const;
export const NULL = [null, 'null'] as const;
export const NUMBER = [5, '5'] as const;
export const YES = [true, 'true'] as const;
export const LIST = [[], 'an array'] as const;
export const OBJECT = [{}, 'an object'] as const;
export const EMPTY = ['', "''"] as const;
const BIG = [5n, '5n'] as const;

export const whole = (path: string, least = 0, most = 0x7fff_ffff): Row => [
  path,
  `a whole number from ${least} to ${most}`,
  TEXT,
  MINUS,
  FRACTION,
  NOT_A_NUMBER,
  INFINITE,
  NULL,
  YES,
  LIST,
  BIG,
  ...(Number.isSafeInteger(most + 1) ? [[most + 1, String(most + 1)] as const] : []),
  ...(least > 0 ? [[0, '0'] as const] : []),
];
/** Infinity is none of the values that are refused. */
export const limit = (path: string, least = 0, most = 0x7fff_ffff): Row => {
  const [, expected, ...wrong] = whole(path, least, most);
  return [path, `${expected}, or Infinity for no limit`, ...wrong.filter((one) => one !== INFINITE)];
};
export const amount = (path: string): Row => [
  path,
  'a number of at least 0, or Infinity for no limit',
  TEXT,
  MINUS,
  NOT_A_NUMBER,
  NULL,
  BIG,
];
export const flag = (path: string): Row => [path, 'true or false', ['true', "'true'"], NUMBER, NULL];
export const callback = (path: string): Row => [path, 'a function', TEXT, NULL, OBJECT];
export const folder = (path: string): Row => [path, 'a path', EMPTY, NUMBER, NULL, ['a\0b', "'a\0b'"]];
export const object = (path: string, members: string): Row => [
  path,
  `an object with ${members}`,
  TEXT,
  NUMBER,
  NULL,
  LIST,
];
const time = (path: string): Row => [
  path,
  'a date, or a date and time, as 2024-02-20T13:17:26.5+01:00 (UTC where there is no zone), seconds since 1970 as @1708435046.5, or nanoseconds since 1970 as a bigint',
  NUMBER,
  NULL,
  EMPTY,
  TEXT,
  ['2024-02-30', "'2024-02-30'"],
];
const either = (path: string, expected: string): Row => [path, expected, TEXT, NUMBER, NULL, [false, 'false']];

const LEVELS = "'error', 'warn', 'info', 'debug', 'trace'";
const RECOVERY = 'maxRestarts, restartWindowMs, narrowingMs, maxGapsInRow';

const denials = (at: string): Row[] => [
  object(at, 'paths, temporaryDirectory, environment'),
  either(`${at}.paths`, 'a list of paths or true'),
  [`${at}.paths[0]`, 'a path', EMPTY, NUMBER, NULL],
  flag(`${at}.temporaryDirectory`),
  either(`${at}.environment`, 'a list of names or true'),
  [`${at}.environment[0]`, 'a text that is not empty', EMPTY, NUMBER, NULL],
];

/** What a plugin of either kind has; `at` ends in a dot where it is not empty. */
const pluginRows = (at: string): Row[] => [
  [`${at}logLevel`, LEVELS, ['loud', "'loud'"], NUMBER, NULL],
  object(`${at}logLimits`, 'linesPerTurn, linesPerSecond, charactersPerSecond, outputBytesPerSecond'),
  limit(`${at}logLimits.linesPerTurn`),
  limit(`${at}logLimits.linesPerSecond`),
  limit(`${at}logLimits.charactersPerSecond`),
  limit(`${at}logLimits.outputBytesPerSecond`),
  callback(`${at}onLog`),
  object(`${at}ring`, 'slots, slotBytes'),
  [`${at}ring.slots`, 'a power of two from 2 to 1024', [3, '3'], [1, '1'], [2048, '2048'], TEXT, NULL, NOT_A_NUMBER],
  [
    `${at}ring.slotBytes`,
    'a multiple of 4096 up to 1 GiB',
    [100, '100'],
    [0, '0'],
    [2 ** 31, '2147483648'],
    ['4096', "'4096'"],
  ],
  flag(`${at}bindingsOnly`),
  limit(`${at}deadlineMs`, 1),
  folder(`${at}cpuProfileDirectory`),
  object(`${at}grants`, 'parents, deny, environment, clock, randomSeed'),
  flag(`${at}grants.parents`),
  ...denials(`${at}grants.deny`),
  [`${at}grants.environment`, 'an object of texts by name', TEXT, NULL, LIST],
  [`${at}grants.environment.HOME`, 'a text', NUMBER, NULL, YES],
  object(`${at}grants.clock`, 'unixMs, stepNs'),
  [`${at}grants.clock.unixMs`, 'a finite number', TEXT, NOT_A_NUMBER, INFINITE],
  [`${at}grants.clock.stepNs`, 'a finite number of at least 0', TEXT, MINUS, NOT_A_NUMBER, INFINITE],
  [`${at}grants.randomSeed`, 'a finite number', TEXT, NOT_A_NUMBER, NULL],
];

export const sessionRows: Row[] = [
  ...pluginRows(''),
  callback('onWaiting'),
  amount('waitMs'),
  [
    'signal',
    'an AbortSignal',
    [new AbortController(), 'an object of type AbortController'],
    TEXT,
    NULL,
    [() => {}, 'a function'],
  ],
  limit('outputBytes', 1, Number.MAX_SAFE_INTEGER),
  limit('recycleBytes', 1, 2 ** 32),
  flag('splitColumns'),
  flag('excerpts'),
  folder('quarantineDirectory'),
  whole('maxLatencyMs', 0),
  object('record', 'file, maxBytes, maxFiles'),
  folder('record.file'),
  limit('record.maxBytes', 4096, Number.MAX_SAFE_INTEGER),
  limit('record.maxFiles', 1),
  object('window', 'bytes, hardMaxBytes'),
  whole('window.bytes', 1),
  limit('window.hardMaxBytes', 1),
  object('recovery', RECOVERY),
  limit('recovery.maxRestarts'),
  limit('recovery.restartWindowMs', 1),
  limit('recovery.narrowingMs'),
  limit('recovery.maxGapsInRow', 1),
  object('select', 'match, where, invert, since, until, skip, limit, fromOffset'),
  ['select.match', 'a text or a list of regular expressions', NUMBER, NULL, YES],
  ['select.match[0]', 'a text', NUMBER, NULL, YES],
  ['select.where', 'a text or a list of conditions', NUMBER, NULL, YES],
  ['select.where[0]', 'a text', NUMBER, NULL, YES],
  flag('select.invert'),
  time('select.since'),
  time('select.until'),
  whole('select.skip', 0, Number.MAX_SAFE_INTEGER),
  limit('select.limit', 0, Number.MAX_SAFE_INTEGER),
  whole('select.fromOffset', 0, Number.MAX_SAFE_INTEGER),
  ['from', 'an object', TEXT, NUMBER, NULL, LIST],
  flag('startOver'),
  callback('onProgress'),
];

const fileRow: Row = [
  'source.file',
  'the path of a file or a file: URL',
  EMPTY,
  NUMBER,
  NULL,
  [Buffer.from('x'), 'an object of type Buffer'],
  [new URL('https://example.org/x.log'), 'the URL https://example.org/x.log'],
];
const streamRow: Row = [
  'source.stream',
  'a stream or another iterable of bytes (Uint8Array)',
  TEXT,
  NUMBER,
  NULL,
  OBJECT,
  [Buffer.from('x'), 'an object of type Buffer'],
];
/** Keys of an object that names a source, where a plugin's is `key`. */
export const sourceKeys = (key: string): string[] => [
  'file',
  'stream',
  'bytes',
  'blob',
  'handle',
  ...SOURCE_KINDS,
  key,
];
export const sourceExpected = (key: string): string =>
  `an object with ${sourceKeys(key).slice(0, -1).join(', ')} or ${sourceKeys(key).at(-1)}`;

export const sourceRows = (key: string): Row[] => [
  ['source', sourceExpected(key), ['x.log', "'x.log'"], NUMBER, NULL, LIST, OBJECT],
  fileRow,
  streamRow,
  ['source.bytes', 'bytes (Uint8Array)', TEXT, NUMBER, NULL, LIST],
  ['source.blob', 'a Blob', TEXT, NUMBER, NULL, LIST],
  ['source.handle', 'a FileHandle, as `open` of node:fs/promises makes it', TEXT, NUMBER, NULL, LIST],
  ['source.files', 'a list of paths', TEXT, NUMBER, NULL],
  ...pluginRows('source.').filter(([path]) => path !== 'source.plugin'),
  object('source.recovery', `${RECOVERY}, mode`),
  limit('source.recovery.maxRestarts'),
  limit('source.recovery.restartWindowMs', 1),
  limit('source.recovery.narrowingMs'),
  limit('source.recovery.maxGapsInRow', 1),
  ['source.recovery.mode', "'replay' or 'continue'", ['again', "'again'"], NUMBER, NULL],
  ['source.follow', 'true or false or an object with intervalMs, maxEmptyReads', TEXT, NUMBER, NULL],
  whole('source.follow.intervalMs'),
  limit('source.follow.maxEmptyReads', 1),
  ['source.config', 'an object or a function', TEXT, NUMBER, NULL, LIST],
];

export const pluginUseRows = (at: string): Row[] => [
  [`${at}.plugin`, 'a text that is not empty or bytes (Uint8Array)', EMPTY, NUMBER, NULL, LIST],
  [`${at}.profile`, 'a text that is not empty', EMPTY, NUMBER, NULL],
  ...denials(`${at}.deny`),
  limit(`${at}.memoryBytes`, 1, Number.MAX_SAFE_INTEGER),
];
