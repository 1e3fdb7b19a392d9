/** Threads that end at any moment: another one takes over, and each byte of the input is delivered once. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { IngestSession } from '@chipmunk-host/hosts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { faultyPlugin } from './faults/faulty-plugin.mjs';
import { compileKept, readAll, referenceLines, setStage, watched } from './support.js';

const SEED = 20261128;
const stage = setStage();

const schedules = fc.record({
  // Lines longer than a slot make frames of several pieces.
  lines: fc.array(fc.integer({ min: 0, max: 12_000 }), { minLength: 50, maxLength: 150 }),
  windowBytes: fc.constantFrom(5_000, 40_000, 1_000_000),
  instances: fc.constantFrom(1, 1, 2, 3),
  /**
   * How many batches are taken before each loss, and which lane's thread is lost. More than the ring holds: a thread that is lost again
   * and again at one position has its input blamed for it.
   */
  losses: fc.array(fc.record({ batches: fc.integer({ min: 4, max: 10 }), lane: fc.nat(2) }), { maxLength: 5 }),
});

test(`at random, also in the middle of frames and of shared files (seed ${SEED})`, async () => {
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(schedules, async ({ lines, windowBytes, instances, losses }) => {
      const content = Buffer.from(lines.map((length, i) => `${String(i % 10).repeat(length)}\n`).join(''));
      const { pool, instances: started } = watched(stage.pool);
      const session = await IngestSession.open({
        component: stage.stringParser,
        pool,
        source: { file: await stage.input(content) },
        window: { bytes: windowBytes },
        ring: { slots: 2, slotBytes: 4096 },
        ...(instances === 1 ? {} : { parallel: { instances, boundary: 'newline', splitBytes: 60_000 } }),
      });
      const pending = [...losses];
      let batches = 0;
      const rows: { offset: number; length: number; columns: readonly string[] }[] = [];
      let offset = 0;
      for await (const element of session) {
        expect(element.offset).toBe(offset);
        offset += element.consumedBytes;
        if (element.type === 'batch')
          for (const item of element) rows.push({ offset: item.offset, length: item.length, columns: item.columns });
        if (pending[0] === undefined || ++batches < pending[0].batches) continue;
        started[(pending.shift()?.lane ?? 0) % started.length]?.terminate();
        batches = 0;
      }
      expect(rows).toEqual(referenceLines(content));
      expect(session.summary).toMatchObject({ status: 'completed', bytes: content.length, gaps: 0, skippedBytes: 0 });
      taken += session.summary.restarts;
    }),
    { numRuns: Number(process.env.THREAD_LOSSES ?? 8), seed: SEED },
  );
  expect(taken).toBeGreaterThan(3);
});

test('a plugin that does not return from init is ended with the signal', async () => {
  const abort = new AbortController();
  const opening = IngestSession.open({
    component: await compileKept(await faultyPlugin()),
    pool: stage.pool,
    source: { file: await stage.input('x\n') },
    config: { init: 'loop' },
    deadlineMs: Number.POSITIVE_INFINITY,
    signal: abort.signal,
  });
  setImmediate(() => abort.abort(new Error('enough')));
  await expect(opening).rejects.toThrow('enough');
  expect(await readAll(await stage.open({ source: { file: await stage.input('x\n') } }))).toHaveLength(1);
});

test.skipIf(process.platform === 'win32')(
  'a process that is suspended for longer than the time limit costs no restart',
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hosts-test-'));
    const plugin = join(directory, 'faulty.wasm');
    await writeFile(plugin, await faultyPlugin());
    const fixture = join(import.meta.dirname, 'suspended-fixture.mjs');
    const child = spawn(process.execPath, [fixture, plugin], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (line !== 'busy') continue;
      child.kill('SIGSTOP');
      // Longer than the limit in the fixture.
      setTimeout(() => child.kill('SIGCONT'), 2500);
    }
    await ended;
    await rm(directory, { recursive: true });
    expect(lines).toEqual(['busy', 'completed with 0 restarts']);
  },
);
