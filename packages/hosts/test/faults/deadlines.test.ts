import type { IngestOptions, IngestSession, StreamRecord } from '@chipmunk-host/hosts';
import { describe, expect } from 'vitest';
import { readAll } from '../support.js';
import { fault, setScene } from './scene.js';

const DEADLINE_MS = 500;
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

// How soon is measured by `npm run bench -- deadline`.
describe('a parse that never returns', () => {
  async function loop(whileItLoops: () => void, options: Pick<IngestOptions, 'info'> = {}): Promise<void> {
    const source = { file: await scene.input(CONTENT) };
    const session = await scene.open({ component: scene.faulty, source, ...OPTIONS, ...options });
    whileItLoops();
    const texts: string[] = [];
    const records: StreamRecord[] = [];
    for await (const element of session) {
      if (element.type !== 'batch') records.push(element.toJSON());
      else for (const { text } of element) texts.push(text);
    }
    expect(texts).toEqual(['!stamp', 'a', 'b', 'c', 'd', '!stamp', 'e', 'f', 'g', 'h']);
    expect(records).toMatchObject([{ type: 'restart', offset: 15, error: { code: 'ERR_PLUGIN_TIMEOUT' } }]);
    expect(records[0]?.error?.details?.durationMs).toBeGreaterThanOrEqual(DEADLINE_MS);
  }

  fault(scene, 'is ended within its time limit, and the next batch follows', () => loop(() => {}));

  fault(scene, 'is ended, and the next batch follows, where nobody asked the plugin about itself', async () => {
    await using asked = await scene.open({ component: scene.faulty, source: { file: await scene.input('') } });
    await loop(() => {}, { info: asked.info });
  });

  fault(scene, 'is ended within its time limit while the main thread is busy for seconds', () => loop(busy));
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

async function readAllAfterFirst(session: Pick<IngestSession, 'batches'>): Promise<number> {
  let items = 0;
  for await (const batch of session.batches()) items += batch.count;
  return items;
}
