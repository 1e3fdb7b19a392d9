/**
 * An input that another process renames, replaces, cuts, writes anew and appends to while it is read: the old content is delivered whole,
 * or there is an error behind a part of it. `npm run long -- inputs` tries many schedules.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { IngestSession } from '@chipmunk-host/hosts';
import type { CompiledComponent } from '@chipmunk-host/runtime';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileKept, setStage } from './support.js';

const SCHEDULES = Number(process.env.INPUT_SCHEDULES ?? 15);
const SEED = Number(process.env.INPUT_SEED ?? 41);

const stage = setStage();
let fileSource: CompiledComponent;
let other: ChildProcess;
beforeAll(async () => {
  // Not a dependency of this package: it is tested with it.
  fileSource = await compileKept(
    readFileSync(new URL('../../../plugins/file-source/dist/file-source.wasm', import.meta.url)),
  );
  other = fork(fileURLToPath(new URL('changing-files-fixture.mjs', import.meta.url)));
});
afterAll(() => void other.kill());

const lines = (word: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${word} ${i} ${'x'.repeat(i % 90)}`);
const text = (all: readonly string[]) => all.map((line) => `${line}\n`).join('');

const KINDS = ['rename', 'replace', 'truncate', 'append', 'rewrite'] as const;
const change = fc.record({
  kind: fc.constantFrom(...KINDS),
  /** Batches that are taken before it. */
  after: fc.nat(6),
  /** Of the size, in thousandths. */
  share: fc.integer({ min: 0, max: 1500 }),
});
const schedule = fc.record({
  by: fc.constantFrom('one instance', 'three instances', 'file-source'),
  lineCount: fc.integer({ min: 1, max: 25_000 }),
  windowBytes: fc.integer({ min: 200, max: 100_000 }),
  splitBytes: fc.integer({ min: 10_000, max: 200_000 }),
  changes: fc.array(change, { minLength: 1, maxLength: 4 }),
});

async function make(path: string, { kind, share }: { kind: string; share: number }, old: string): Promise<void> {
  const size = Math.floor((old.length * Math.min(share, 1000)) / 1000);
  const count = Math.ceil((old.split('\n').length * share) / 1000);
  other.send({ kind, path, text: text(lines(kind, count)), size });
  await once(other, 'message');
}

test(`keeps to its old content in ${SCHEDULES} schedules (seed ${SEED})`, {
  timeout: 60_000 + SCHEDULES * 5_000,
}, async () => {
  const seen = { whole: 0, failed: 0 };
  await fc.assert(
    fc.asyncProperty(schedule, async ({ by, lineCount, windowBytes, splitBytes, changes }) => {
      const old = lines('old', lineCount);
      const content = text(old);
      const file = await stage.input(content);
      const session = await IngestSession.open({
        component: stage.stringParser,
        pool: stage.pool,
        window: { bytes: windowBytes },
        ring: { slots: 2, slotBytes: 65_536 },
        ...(by === 'three instances' ? { parallel: { instances: 3, boundary: 'newline', splitBytes } } : {}),
        source: by === 'file-source' ? { component: fileSource, config: { 'input-path': [file] } } : { file },
      });
      const got: string[] = [];
      let [batches, offset] = [0, 0];
      const due = [...changes].sort((a, b) => a.after - b.after);
      let error: { readonly code?: string } | undefined;
      try {
        for (;;) {
          for (; due[0] !== undefined && due[0].after <= batches; due.shift()) await make(file, due[0], content);
          const { value: element } = await session.next();
          if (element === undefined) break;
          batches++;
          expect(element.offset).toBe(offset);
          offset += element.consumedBytes;
          if (element.type === 'batch') for (const item of element) got.push(item.text);
        }
      } catch (thrown) {
        error = thrown as { readonly code?: string };
      }
      await session.close();
      const foreign = got.findIndex((line, at) => line !== old[at]);
      // A source reads to where the file ends when that is reached.
      const appended =
        by === 'file-source' &&
        foreign >= old.length &&
        got.slice(old.length).every((line) => line.startsWith('append'));
      if (!appended) expect(got[foreign]).toBe(undefined);
      if (error === undefined) {
        expect(session.summary.status).toBe('completed');
        expect(got.length).toBeGreaterThanOrEqual(old.length);
      } else {
        expect(error.code).toBe(by === 'file-source' ? 'ERR_SOURCE_READ' : 'ERR_SOURCE_CHANGED');
        // Only what is done to the file itself can be to blame.
        expect(['truncate', 'rewrite']).toContain(blamed([...changes].sort((a, b) => a.after - b.after)));
      }
      seen[error === undefined ? 'whole' : 'failed']++;
    }),
    { numRuns: SCHEDULES, seed: SEED },
  );
  // Else the schedules would show nothing.
  expect(Math.min(seen.whole, seen.failed)).toBeGreaterThan(0);
});

/** The first change that takes something from the file that is read, which later ones may not reach any more. */
function blamed(changes: readonly { readonly kind: string }[]): string | undefined {
  const moved = changes.findIndex(({ kind }) => kind === 'rename' || kind === 'replace');
  const reached = moved === -1 ? changes : changes.slice(0, moved);
  return reached.find(({ kind }) => kind === 'truncate' || kind === 'rewrite')?.kind;
}
