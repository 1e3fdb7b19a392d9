import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { referenceLines } from '../support.js';
import { setScene } from './scene.js';

/** How many schedules are played: few in a run of all tests, many in `npm run long -- crash-schedules`. */
const SCHEDULES = Number(process.env.CRASH_SCHEDULES ?? 24);
const SEED = Number(process.env.CRASH_SEED ?? 7);
/** Long enough for an instance to start on a busy machine. */
const DEADLINE_MS = 400;
const TIME_LIMIT_MS = 60_000 + SCHEDULES * 3000;

const scene = setScene();

interface Schedule {
  readonly lines: readonly string[];
  readonly end: string;
  readonly window: number;
  /** After so many calls of `parse`, or so many lines, an instance crashes; 0 means never. */
  readonly after: number;
  readonly afterLines: number;
  readonly kind: string;
}

const KINDS = ['trap', 'bounds', 'divide', 'recurse', 'throw'];
const plain = fc.string({ unit: fc.constantFrom('a', 'b', 'ä', ' ', '日'), maxLength: 25 });
const bad = fc.constantFrom('!trap', '!bounds', '!divide', '!pointer', '!utf8', '!consumed', '!throw', '!recurse');
const content = { end: fc.oneof(fc.constant(''), plain, bad), window: fc.integer({ min: 1, max: 300 }) };
/** At least two calls, since the last line without an end needs two; an instance that does fewer gets nowhere. */
const by = {
  after: fc.oneof(fc.constant(0), fc.integer({ min: 2, max: 12 })),
  afterLines: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 12 })),
  kind: fc.constantFrom(...KINDS),
};
/** A time limit has to pass for each of these. */
const slow = {
  after: fc.integer({ min: 6, max: 12 }),
  afterLines: fc.constant(0),
  kind: fc.constant('loop'),
};
const goodLines = fc.array(plain, { maxLength: 60 });
const anyLines = fc.array(fc.oneof({ weight: 6, arbitrary: plain }, { weight: 1, arbitrary: bad }), { maxLength: 40 });

function play({ lines, end, window, after, afterLines, kind }: Schedule) {
  const text = Buffer.from(lines.map((line) => `${line}\n`).join('') + end);
  const outcome = scene.ingest(text, {
    config: { after, lines: afterLines, kind },
    window: { bytes: window },
    deadlineMs: kind === 'loop' ? DEADLINE_MS : 10_000,
    recovery: { maxRestarts: 100_000 },
  });
  return { text, outcome };
}

async function check(property: fc.IAsyncProperty<[Schedule]>, share: number): Promise<void> {
  await fc.assert(property, { numRuns: Math.max(1, Math.ceil(SCHEDULES * share)), seed: SEED, endOnFailure: true });
}

describe(`random crashes (seed ${SEED})`, () => {
  const rows = (text: Uint8Array) =>
    referenceLines(text).map(({ offset, length, columns }) => ({
      offset,
      length,
      text: columns[0]?.replace(/\r$/, ''),
    }));

  test(
    'of instances after some calls or lines: no input is lost',
    async () => {
      const schedule = fc.record({ ...content, ...by, lines: goodLines, end: plain });
      const property = fc.asyncProperty(schedule, async (schedule) => {
        const { text, outcome } = play(schedule);
        const { texts, places, gaps, error, summary } = await outcome;
        expect(error).toBeUndefined();
        expect(gaps).toEqual([]);
        expect(places.map((place, i) => ({ ...place, text: texts[i] }))).toEqual(rows(text));
        expect(summary).toMatchObject({ bytes: text.length, skippedBytes: 0 });
      });
      await check(property, 0.5);
    },
    TIME_LIMIT_MS,
  );

  test(
    'of lines, of instances, and of both: delivered, skipped and gaps are the input, each byte once',
    async () => {
      const schedule = fc.record({ ...content, ...by, lines: anyLines });
      const property = fc.asyncProperty(schedule, async (schedule) => {
        const { text, outcome } = play(schedule);
        const { texts, places, gaps, error, summary } = await outcome;
        expect(error).toBeUndefined();
        const lost = (offset: number) => gaps.some((gap) => offset >= gap.offset && offset < gap.offset + gap.length);
        const outside = rows(text).filter(({ offset }) => !lost(offset));
        expect(places.map((place, i) => ({ ...place, text: texts[i] }))).toEqual(outside);
        // Each gap is one line that does fail.
        const failing = rows(text).filter((row) => row.text?.startsWith('!'));
        expect(gaps.map(({ offset, length }) => ({ offset, length }))).toEqual(
          failing.map(({ offset, length }) => ({ offset, length })),
        );
        const delivered = places.reduce((bytes, { length }) => bytes + length, 0);
        const given = gaps.reduce((bytes, { length }) => bytes + length, 0);
        expect(delivered + given).toBe(text.length);
        expect(summary).toMatchObject({ skippedBytes: 0, gapBytes: given });
      });
      await check(property, 0.45);
    },
    TIME_LIMIT_MS,
  );

  test(
    'of instances that never return: no input is lost',
    async () => {
      const schedule = fc.record({ ...content, ...slow, lines: fc.array(plain, { maxLength: 30 }), end: plain });
      const property = fc.asyncProperty(schedule, async (schedule) => {
        const { text, outcome } = play(schedule);
        const { texts, places, gaps, error } = await outcome;
        expect(error).toBeUndefined();
        expect(gaps).toEqual([]);
        expect(places.map((place, i) => ({ ...place, text: texts[i] }))).toEqual(rows(text));
      });
      await check(property, 0.05);
    },
    TIME_LIMIT_MS,
  );
});
