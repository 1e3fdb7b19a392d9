import type { LogRecord } from '@chipmunk-host/hosts';
import { describe, expect } from 'vitest';
import { readAll } from '../support.js';
import { fault, setScene } from './scene.js';

const DEADLINE_MS = 500;
/** How much later than its time limit a call is ended, and how much later than that the next batch follows. */
const SLACK_MS = 200;
const RECOVERY_MS = 500;
/**
 * A machine that is busy with other things is late now and then, a host that does not keep its promise always: one try of so many
 * has to be in time.
 */
const TRIES = 12;
const BUSY_MS = 2500;

const scene = setScene();

/**
 * Two windows; the instance that parses the second one loops in it, the next does not. The first one has so many items that they
 * are delivered at once.
 */
const CONTENT = '!stamp\na\nb\nc\nd\n!stamp\ne\nf\ng\nh\n';
const OPTIONS = { config: { kind: 'loop', after: 1 }, window: { bytes: 15 }, deadlineMs: DEADLINE_MS };

function busy(): void {
  for (const end = performance.now() + BUSY_MS; performance.now() < end; );
}

describe('a parse that never returns', () => {
  /** Both by the worker's clock, which does not see what the main thread does. In milliseconds. */
  async function loop(whileItLoops: () => void): Promise<{ toItsEnd: number; toTheNextBatch: number }> {
    const stamps: number[] = [];
    const onLog = ({ message, time }: LogRecord) => {
      if (message === 'stamp') stamps.push(time);
    };
    const source = { file: await scene.input(CONTENT) };
    const session = await scene.open({ component: scene.faulty, source, onLog, ...OPTIONS });
    whileItLoops();
    const texts: string[] = [];
    const durations: number[] = [];
    for await (const batch of session) {
      for (const { text } of batch) texts.push(text);
      if (batch.record !== undefined) {
        expect(batch.record).toMatchObject({ type: 'restart', error: { code: 'ERR_PLUGIN_TIMEOUT' } });
        durations.push(batch.record.error?.details?.durationMs ?? -1);
      }
    }
    expect(texts).toEqual(['!stamp', 'a', 'b', 'c', 'd', '!stamp', 'e', 'f', 'g', 'h']);
    expect(durations.length).toBe(1);
    const [toItsEnd = 0] = durations;
    expect(toItsEnd).toBeGreaterThanOrEqual(DEADLINE_MS);
    // From the slice before the loop to the first item behind it.
    const [before = 0, behind = Number.POSITIVE_INFINITY] = stamps;
    return { toItsEnd, toTheNextBatch: behind - before };
  }

  async function loopInTime(whileItLoops: () => void): Promise<void> {
    const late: string[] = [];
    while (late.length < TRIES) {
      const { toItsEnd, toTheNextBatch } = await loop(whileItLoops);
      if (toItsEnd < DEADLINE_MS + SLACK_MS && toTheNextBatch < DEADLINE_MS + SLACK_MS + RECOVERY_MS) return;
      late.push(`${Math.round(toItsEnd)} and ${toTheNextBatch}`);
    }
    expect.fail(`Not one of ${TRIES} tries was in time: ${late.join(', ')} ms.`);
  }

  fault(scene, 'is ended within its time limit, and the next batch follows', () => loopInTime(() => {}));

  fault(scene, 'is ended within its time limit while the main thread is busy for seconds', () => loopInTime(busy));
});

describe('a main thread that is busy for longer than the time limit', () => {
  fault(scene, 'does not end a healthy plugin', async () => {
    const content = 'a line\n'.repeat(100_000);
    const source = { file: await scene.input(content) };
    const session = await scene.open({ source, deadlineMs: DEADLINE_MS, ring: { slots: 2, slotBytes: 65_536 } });
    await session.next();
    busy();
    const rows = await readAllAfterFirst(session);
    expect(rows).toBeGreaterThan(0);
    expect(session.summary).toMatchObject({ status: 'completed', items: 100_000, restarts: 0 });
  });

  fault(scene, 'does not keep a plugin from starting', async () => {
    const opening = scene.open({ source: { file: await scene.input('x\n') }, deadlineMs: DEADLINE_MS });
    setImmediate(busy);
    expect((await readAll(await opening)).length).toBe(1);
  });

  fault(scene, 'does not keep a looping init from being ended', async () => {
    const opening = scene.open({
      component: scene.faulty,
      config: { init: 'loop' },
      source: { file: await scene.input('x\n') },
      deadlineMs: DEADLINE_MS,
    });
    setImmediate(busy);
    await expect(opening).rejects.toMatchObject({ code: 'ERR_PLUGIN_TIMEOUT', phase: 'init' });
  });
});

describe('a time limit', () => {
  fault(scene, 'is not on what the host does with large items: all of them come', async () => {
    const content = `${'x'.repeat(30_000_000)}\n`.repeat(2);
    const { texts, gaps, error } = await scene.ingest(content, {
      component: scene.stringParser,
      deadlineMs: 10 * DEADLINE_MS,
    });
    expect(error).toBeUndefined();
    expect(gaps).toEqual([]);
    expect(texts.map((text) => text.length)).toEqual([30_000_000, 30_000_000]);
  });
});

async function readAllAfterFirst(session: AsyncIterable<{ readonly count: number }>): Promise<number> {
  let items = 0;
  for await (const batch of session) items += batch.count;
  return items;
}
