/** The cases whose outcomes are committed (../../oracle/expected.json), so that they are compared where there is no Rust. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CASES, type InteropCase } from '../cases.js';
import { interopPlugin } from '../plugins.js';
import { record } from '../record-encoding.js';
import { SeededRandom } from '../seeded-random.js';
import { type ComparisonCase, stageCase, stringParserCase } from './comparison-case.js';
import { worldCases } from './world-cases.js';

/** Logs of other projects, beside a checkout. */
export const SHARED_TEXTS = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data', 'text');

const SMALL_BUFFER = 64 * 1024;
const NONE = () => ({});

/** Where Chipmunk's rules lead to something else; docs/compatibility.md says what. */
const DIFFERENT_RULES: readonly { readonly case: InteropCase; readonly bufferBytes?: number }[] = [
  {
    case: {
      name: 'rules-two-counters',
      plugin: 'records',
      input: Buffer.concat([
        record.line('before'),
        Buffer.from('?'.repeat(60)),
        record.incomplete(),
        record.line('behind'),
      ]),
      config: NONE,
    },
  },
  {
    case: {
      name: 'rules-incomplete-at-the-end',
      plugin: 'records',
      input: Buffer.concat([record.line('before'), Buffer.from('L'.repeat(100))]),
      config: NONE,
    },
  },
  {
    case: {
      name: 'rules-record-longer-than-the-buffer',
      plugin: 'records',
      input: Buffer.concat([record.line('before'), record.line('x'.repeat(100_000)), record.line('behind')]),
      config: NONE,
    },
    bufferBytes: SMALL_BUFFER,
  },
  {
    case: {
      name: 'rules-record-at-the-end-of-the-buffer',
      plugin: 'records',
      input: Buffer.concat([record.line('x'.repeat(45_000)), record.line('y'.repeat(45_000)), record.line('behind')]),
      config: NONE,
    },
    bufferBytes: SMALL_BUFFER,
  },
  {
    case: {
      name: 'rules-line-at-the-end-of-the-buffer',
      plugin: 'lines',
      input: Buffer.from(`${'x'.repeat(45_000)}\n${'y'.repeat(45_000)}\nbehind\n`),
      config: NONE,
    },
    bufferBytes: SMALL_BUFFER,
  },
  {
    case: {
      name: 'rules-1025-bytes-before-the-first-item',
      plugin: 'records',
      input: Buffer.concat([Buffer.from('?'.repeat(1025)), record.line('found')]),
      config: NONE,
    },
  },
  {
    case: {
      name: 'rules-1026-bytes-before-the-first-item',
      plugin: 'records',
      input: Buffer.concat([Buffer.from('?'.repeat(1026)), record.line('not found')]),
      config: NONE,
    },
  },
  ...[2000, 2001].map((count) => ({
    case: {
      name: `rules-${count}-errors-in-a-row`,
      plugin: 'records' as const,
      input: Buffer.concat([record.line('before'), Buffer.from('?'.repeat(count)), record.line('behind')]),
      config: NONE,
    },
  })),
];

/** More than fits into one window. */
const LARGE: readonly InteropCase[] = [
  { name: 'large-lines', plugin: 'lines', input: largeText(), config: () => ({ 'first-number': 1 }) },
  { name: 'large-records', plugin: 'records', input: largeRecords(), config: NONE },
];

/** Cases in which this host does something else than the oracle, whatever the rules. */
const DIFFERENT_ON_PURPOSE: ReadonlySet<string> = new Set(['world-link-out']);

export function differsOnPurpose({ name }: ComparisonCase): boolean {
  return DIFFERENT_ON_PURPOSE.has(name);
}

export function sharedTextsAreThere(): boolean {
  return existsSync(SHARED_TEXTS);
}

/** Items of logs that are not ours are only told by their hash. */
export function mayBeKept({ directory }: ComparisonCase): boolean {
  return directory !== SHARED_TEXTS;
}

/** All of them, with their files below `directory`. Those of the shared logs are left out if these are missing. */
export function fixedCases(directory: string): ComparisonCase[] {
  mkdirSync(directory, { recursive: true });
  return [
    ...[...CASES, ...LARGE, ...worldCases(directory)].map((each) => stageCase(each, directory)),
    ...DIFFERENT_RULES.map(({ case: each, bufferBytes }) =>
      stageCase(each, directory, bufferBytes === undefined ? {} : { bufferBytes }),
    ),
    stageCase(
      { name: 'world-environment', plugin: 'selftest', input: Buffer.from('environment\n'), config: NONE },
      directory,
      { environment: { A: '1', B: 'two words' } },
    ),
    ...stringParserCases(directory),
    ...sharedTextCases(),
  ];
}

function stringParserCases(directory: string): ComparisonCase[] {
  const file = join(directory, 'string-parser.input');
  writeFileSync(file, Buffer.from('one\r\ntwo ü\n\n\xff\xfe invalid\nthree \u0000\nno end', 'latin1'));
  return [{}, { lossy: true }, { lossy: true, prefix: '» ', columns: true }].map((config, index) =>
    stringParserCase(`string-parser-${index}`, file, config),
  );
}

function sharedTextCases(): ComparisonCase[] {
  if (!sharedTextsAreThere()) return [];
  return readdirSync(SHARED_TEXTS)
    .sort()
    .flatMap((name) => {
      const file = join(SHARED_TEXTS, name);
      const common = { file, source: undefined, directory: SHARED_TEXTS };
      return [
        { name: `shared-lines-${name}`, parser: interopPlugin('lines'), config: {}, ...common },
        { name: `shared-records-${name}`, parser: interopPlugin('records'), config: {}, ...common },
        stringParserCase(`shared-string-parser-${name}`, file, { lossy: true }),
      ];
    });
}

function largeText(): Buffer {
  const random = new SeededRandom(12);
  const lines = random.many(500, () => Buffer.from(`${random.text(200).replaceAll('\u0000', '')}\n`));
  return Buffer.concat(random.many(80_000, () => random.pick(lines)));
}

function largeRecords(): Buffer {
  const random = new SeededRandom(13);
  const data = random.bytes(9000);
  return Buffer.concat(
    random.many(3000, (index) =>
      random.chance(50)
        ? record.columns([`${index}`, random.text(50)])
        : record.lineAndAttachment(`${index}`, { name: `${index}.bin`, data: data.subarray(random.below(9000)) }),
    ),
  );
}
