/**
 * A log that another process writes, moves away, cuts and removes while it is followed: what was in a file when it was moved away is
 * delivered once. `npm run long -- rotation` tries many schedules.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FollowSource } from '#worker/follow.js';
import { deliveredParts, LogWriter, type Step } from './log-writer.js';
import { RecordingOutput } from './recording-output.js';

const SCHEDULES = Number(process.env.ROTATION_SCHEDULES ?? 30);
const SEED = Number(process.env.ROTATION_SEED ?? 17);

let directory: string;
let writer: LogWriter;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'rotation-'));
  writer = new LogWriter();
});
afterAll(async () => {
  await writer[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

const size = fc.oneof({ weight: 8, arbitrary: fc.nat(400) }, { weight: 1, arbitrary: fc.nat(300_000) });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('write' as const), size }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('rotate' as const),
      createFirst: fc.boolean(),
      late: fc.oneof(fc.constant(0), size),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('cut' as const, 'truncate' as const) }) },
);
const schedule = fc.record({
  /** Each is done without a pause. */
  bursts: fc.array(fc.array(step, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 }),
  /** How a file gets empty in place. Both kinds in one log: a copy whose original was removed cannot be told from a file that follows it. */
  cut: fc.constantFrom('copy-truncate' as const, 'delete' as const),
  dated: fc.boolean(),
  slotBytes: fc.constantFrom(17, 1000, 64 * 1024),
  poll: fc.constantFrom(false, 3),
  graceMs: fc.constantFrom(0, 10),
  rotation: fc.constantFrom('segment' as const, 'join' as const),
  /** Bytes that are delivered before the next burst begins, in thousandths of what was written. */
  behind: fc.integer({ min: 0, max: 1000 }),
});

/** Texts of files that follow each other begin with other letters, and have no letter of each other. */
class Texts {
  #file = 0;
  #record = 0;

  next(): void {
    this.#file++;
  }

  of(size: number): string {
    const letter = String.fromCharCode(65 + (this.#file % 26));
    const text = Array.from(
      { length: Math.ceil(size / 30) },
      () => `${letter}${this.#file} ${this.#record++} ${'.'.repeat(15)}\n`,
    );
    return text.join('').slice(0, size);
  }
}

test(`delivers once what was moved away, in ${SCHEDULES} schedules (seed ${SEED})`, {
  timeout: 60_000 + SCHEDULES * 3_000,
}, async () => {
  let number = 0;
  const seen = { rotated: 0, cut: 0 };
  await fc.assert(
    fc.asyncProperty(schedule, async ({ bursts, cut: cutBy, dated, slotBytes, behind, ...options }) => {
      const path = join(directory, `log-${number++}`, 'app.log');
      const texts = new Texts();
      const steps = (burst: (typeof bursts)[number]) =>
        burst.map((planned): Step => {
          if (planned.kind === 'write') return { kind: 'write', text: texts.of(planned.size) };
          const late = planned.kind === 'rotate' && planned.late > 0 ? texts.of(planned.late) : undefined;
          texts.next();
          return planned.kind === 'rotate'
            ? { kind: 'rotate', createFirst: planned.createFirst, ...(late === undefined ? {} : { late }) }
            : { kind: planned.kind === 'cut' ? cutBy : planned.kind };
        });
      mkdirSync(join(directory, `log-${number - 1}`));
      await writer.do({ kind: 'open', path, dated });
      const output = new RecordingOutput(slotBytes);
      const source = new FollowSource({ file: path, ...options });
      await source.open();
      const ended = new AbortController();
      const running = source.run(output, ended.signal);
      let files = await writer.do({ kind: 'write', text: texts.of(50) });
      for (const burst of bursts) {
        files = await writer.do(...steps(burst));
        const sure = files
          .filter(({ end }) => end === 'last' || end === 'rotated')
          .reduce((sum, { text }) => sum + text.length, 0);
        await output.until(() => output.bytes >= (sure * behind) / 1000);
      }
      files = await writer.do({ kind: 'write', text: `${texts.of(30)}\nfinished` });
      await output.until(() => output.lastText.endsWith('finished'));
      ended.abort();
      await running;
      await source.close();
      rmSync(dirname(path), { recursive: true });
      const parts = deliveredParts(output.text, files);
      const truncations = output.events.filter(({ event }) => event === 'truncated').length;
      const cut = files.filter(({ text }, at) => parts[at] !== 0 && parts[at] !== text.length);
      expect(truncations).toBeGreaterThanOrEqual(cut.length);
      seen.rotated += files.filter(({ end }) => end === 'rotated').length;
      seen.cut += files.filter(({ end }) => end === 'cut' || end === 'copied').length;
    }),
    { numRuns: SCHEDULES, seed: SEED, endOnFailure: true },
  );
  expect(seen.rotated).toBeGreaterThan(SCHEDULES);
  expect(seen.cut).toBeGreaterThan(0);
});
