import { createParserPool } from '@chipmunk-host/hosts';
import { describe, expect, vi } from 'vitest';
import { readAll, referenceLines, watched } from '../support.js';
import { fault, setScene } from './scene.js';

const scene = setScene();
const CONTENT = Array.from({ length: 200_000 }, (_, i) => `line ${i} for a strange consumer\n`).join('');
const SMALL_RING = { slots: 2, slotBytes: 65_536 };

describe('a consumer that', () => {
  fault(scene, 'stops reading for long: the worker stands still, then everything comes', async () => {
    const session = await scene.open({ source: { file: await scene.input(CONTENT) }, ring: SMALL_RING });
    const rows: number[] = [];
    const first = (await session.batches().next()).value;
    for (const { offset } of first ?? []) rows.push(offset);
    const { bytes } = session.progress;
    await turns(2000);
    expect(session.progress.bytes).toBe(bytes);
    for await (const batch of session.batches()) for (const { offset } of batch) rows.push(offset);
    expect(rows).toEqual(referenceLines(Buffer.from(CONTENT)).map(({ offset }) => offset));
  });

  fault(scene, 'throws in the middle of a batch', async () => {
    const consume = async () => {
      const session = await scene.open({ source: { file: await scene.input(CONTENT) }, ring: SMALL_RING });
      for await (const batch of session.batches()) for (const _ of batch) throw new Error('the consumer is broken');
    };
    await expect(consume()).rejects.toThrow('the consumer is broken');
  });

  fault(scene, 'breaks out of the loop', async () => {
    const session = await scene.open({ source: { file: await scene.input(CONTENT) }, ring: SMALL_RING });
    for await (const batch of session.batches()) if (batch.offset > 100_000) break;
    expect(session.summary.status).toBe('stopped');
    expect(session.summary.bytes).toBeLessThan(CONTENT.length);
  });

  fault(scene, 'aborts before the start', async () => {
    const signal = AbortSignal.abort(new Error('too early'));
    await expect(scene.open({ source: { file: await scene.input('x') }, signal })).rejects.toThrow('too early');
  });

  fault(scene, 'aborts during the start', async () => {
    const abort = new AbortController();
    const opening = scene.open({
      component: scene.faulty,
      source: { file: await scene.input('x\n') },
      config: { init: 'loop' },
      deadlineMs: 300,
      signal: abort.signal,
    });
    setImmediate(() => abort.abort(new Error('not so slow')));
    await expect(opening).rejects.toThrow(/not so slow|did not return/);
  });

  fault(scene, 'aborts twice, while a plugin loops', async () => {
    const abort = new AbortController();
    const session = await scene.open({
      component: scene.faulty,
      source: { file: await scene.input('1\n2\n3\n4\n5\n!loop\n') },
      window: { bytes: 10 },
      signal: abort.signal,
    });
    expect([...((await session.batches().next()).value ?? [])].length).toBe(5);
    const next = session.next();
    abort.abort(new Error('enough'));
    abort.abort(new Error('more than enough'));
    await expect(next).rejects.toThrow('enough');
    expect(session.summary.status).toBe('aborted');
  });

  fault(scene, 'closes while the plugin is being replaced, again and again', async () => {
    const file = await scene.input('!trap\n'.repeat(200));
    for (let batches = 0; batches < 5; batches++) {
      const session = await scene.open({ component: scene.faulty, source: { file } });
      for (let i = 0; i < batches; i++) await session.next();
      await Promise.all([session.close(), session.close(), session.next()]);
      expect(session.summary.status).toBe('stopped');
    }
  });

  fault(scene, 'opens more sessions than there are workers: they wait for each other', async () => {
    await using pool = createParserPool({ maxInstances: 1 });
    const files = await Promise.all([1, 2, 3].map((i) => scene.input(`session ${i}\n`)));
    const onWaiting = vi.fn();
    const sessions = files.map(async (file) => readAll(await scene.open({ pool, source: { file }, onWaiting })));
    const texts = (await Promise.all(sessions)).map((rows) => rows[0]?.columns[0]);
    expect(onWaiting).toHaveBeenCalledTimes(2);
    expect(texts).toEqual(['session 1', 'session 2', 'session 3']);
  });
});

describe('a worker thread that dies of its own', () => {
  fault(scene, 'again and again, costs its session no input', async () => {
    const { pool, instances } = watched(scene.pool);
    const session = await scene.open({ pool, source: { file: await scene.input(CONTENT) }, ring: SMALL_RING });
    const rows: number[] = [];
    for await (const batch of session.batches()) {
      for (const { offset } of batch) rows.push(offset);
      if (session.summary.restarts < 4) instances.at(-1)?.terminate();
    }
    expect(rows).toEqual(referenceLines(Buffer.from(CONTENT)).map(({ offset }) => offset));
    expect(session.summary).toMatchObject({ status: 'completed', bytes: CONTENT.length, gaps: 0, restarts: 4 });
    expect(session.summary.errors).toMatchObject({ ERR_PLUGIN_LOST: 4 });
  });

  fault(scene, 'with restarts switched off, ends its session behind what was delivered', async () => {
    const { pool, instances } = watched(scene.pool);
    const source = { file: await scene.input(CONTENT) };
    const session = await scene.open({ pool, source, ring: SMALL_RING, recovery: { maxRestarts: 0 } });
    let items = (await session.batches().next()).value?.count ?? 0;
    const first = items;
    instances[0]?.terminate();
    const readOn = async () => {
      for await (const batch of session.batches()) items += batch.count;
    };
    await expect(readOn()).rejects.toMatchObject({ code: 'ERR_PLUGIN_LOST' });
    expect(first).toBeGreaterThan(0);
    expect(session.summary).toMatchObject({ status: 'failed', items });
  });
});

/** Turns of the event loop, in which this thread takes no batch. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
