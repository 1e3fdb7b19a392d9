/** Sessions that are paused, go on, and are stopped; and how long items wait for each other. */
import type { IngestOptions, QueueMetrics } from '@chipmunk-host/hosts';
import { IngestSession } from '@chipmunk-host/hosts';
import type { CompiledComponent } from '@chipmunk-host/runtime';
import { keptPlugin } from '@chipmunk-host/test-plugins';
import { beforeAll, describe, expect, test } from 'vitest';
import { COUNTING_SOURCE, countedBytes } from './counting-source.js';
import { compileKept, type Row, readAll, referenceLines, setStage, watched } from './support.js';

const stage = setStage();
let counting: CompiledComponent;
beforeAll(async () => {
  counting = await compileKept(await keptPlugin({ kind: 'bytesource', name: 'counting', source: COUNTING_SOURCE }));
});

type Source = IngestOptions['source'];
const open = (source: Source, options: Partial<IngestOptions> = {}) =>
  IngestSession.open({ component: stage.stringParser, pool: stage.pool, config: { lossy: true }, source, ...options });

const CONTENT = Buffer.from(Array.from({ length: 60_000 }, (_, i) => `line ${i} of the input\n`).join(''));
const SMALL_WINDOW = { window: { bytes: 16 * 1024 } };
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A stream that yields what it is given, and never ends by itself. */
function feed() {
  const chunks: Uint8Array[] = [];
  let wake = () => {};
  const state = { pulls: 0, ended: false };
  const stream: AsyncIterableIterator<Uint8Array> = {
    async next() {
      state.pulls++;
      while (chunks.length === 0 && !state.ended)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      const value = chunks.shift();
      return value === undefined ? { done: true, value: undefined } : { done: false, value };
    },
    async return() {
      state.ended = true;
      wake();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return stream;
    },
  };
  const give = (chunk: string | Uint8Array) => {
    chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    wake();
  };
  return { stream, state, give, end: () => void stream.return?.() };
}

async function firstRows(session: IngestSession): Promise<Row[]> {
  const { value } = await session.next();
  if (value?.type !== 'batch') throw new Error(`expected a batch, got ${value?.type}`);
  return [...value].map(({ offset, length, columns }) => ({ offset, length, columns }));
}

async function otherRows(session: IngestSession, rows: Row[]): Promise<Row[]> {
  for await (const batch of session.batches())
    for (const { offset, length, columns } of batch) rows.push({ offset, length, columns });
  return rows;
}

describe('a session that is stopped', () => {
  test('has what its stream had delivered, to the last byte, and ends well', async () => {
    const { stream, state, give } = feed();
    const session = await open({ stream });
    give('one\ntwo\nthr');
    const rows = await firstRows(session);
    session.stop();
    session.stop();
    expect(await otherRows(session, rows)).toEqual(referenceLines(Buffer.from('one\ntwo\nthr')));
    expect(session.summary).toMatchObject({ status: 'completed', inputStopped: true, bytes: 11, items: 3 });
    expect(state.ended).toBe(true);
  });

  test('has what its byte-source had delivered', async () => {
    const session = await open({ component: counting, config: { bytes: 0x7fff_ffff, most: 10_000 } });
    const rows = await firstRows(session);
    session.stop();
    await otherRows(session, rows);
    const { status, bytes, inputStopped } = session.summary;
    expect({ status, inputStopped }).toEqual({ status: 'completed', inputStopped: true });
    expect(rows).toEqual(referenceLines(countedBytes(bytes)));
  });

  test.each([undefined, 2])(
    'has whole items of its file, and no more than it was at (parallel: %s)',
    async (instances) => {
      const file = await stage.input(CONTENT);
      const parallel =
        instances === undefined
          ? {}
          : { parallel: { instances, boundary: 'newline', splitBytes: 256 * 1024 } as const };
      const session = await open({ file }, { ...SMALL_WINDOW, ...parallel });
      const rows = await firstRows(session);
      session.stop();
      await otherRows(session, rows);
      expect(session.summary).toMatchObject({ status: 'completed', inputStopped: true });
      expect(rows.length).toBeLessThan(60_000);
      expect(rows).toEqual(referenceLines(CONTENT).slice(0, rows.length));
      expect(session.summary.bytes).toBe(rows.reduce((bytes, { length }) => bytes + length, 0));
    },
  );

  test('while it is paused, ends as one that is not', async () => {
    const file = await stage.input(CONTENT);
    const session = await open({ file }, SMALL_WINDOW);
    const rows = await firstRows(session);
    session.pause();
    session.stop();
    expect(session.isPaused).toBe(false);
    await otherRows(session, rows);
    expect(session.summary.status).toBe('completed');
    expect(rows.length).toBeLessThan(60_000);
  });

  test('as a stream of Node, ends it without an error', async () => {
    const { stream, give } = feed();
    const session = await open({ stream });
    give('one\ntwo\n');
    const texts: string[] = [];
    for await (const item of session.readable({ as: 'items' })) {
      texts.push((item as { text: string }).text);
      if (texts.length === 2) session.stop();
    }
    expect(texts).toEqual(['one', 'two']);
  });

  test('behind its end stays as it was', async () => {
    const session = await open({ stream: [Buffer.from('one\n')] });
    await readAll(session);
    session.stop();
    expect(session.summary).not.toHaveProperty('inputStopped');
  });
});

/** Whether the side that writes to a queue waits: longer and longer. */
async function writerWaits(queue: () => QueueMetrics | undefined): Promise<boolean> {
  const before = queue()?.writerWaitMs ?? 0;
  await turn();
  return (queue()?.writerWaitMs ?? 0) > before;
}

/** Takes all that was loaded, until the parser's worker waits for its input to go on. Returns the call that waits. */
async function drained(session: IngestSession, rows: Row[]) {
  for (;;) {
    let settled = false;
    const next = session.next().finally(() => {
      settled = true;
    });
    while (!settled) {
      const waits = await writerWaits(() => session.metrics().output);
      if (waits && !settled && session.metrics().output.usedSlots === 0) return { next };
    }
    const { value } = await next;
    if (value?.type !== 'batch') throw new Error(`got ${value?.type}`);
    for (const { offset, length, columns } of value) rows.push({ offset, length, columns });
  }
}

describe('a session that is paused', () => {
  test('reads no more of its file until it goes on', async () => {
    const file = await stage.input(CONTENT);
    const session = await open({ file }, SMALL_WINDOW);
    const rows = await firstRows(session);
    session.pause();
    session.pause();
    expect(session.isPaused).toBe(true);
    const { next } = await drained(session, rows);
    expect(rows.length).toBeLessThan(60_000);
    session.resume();
    const { value } = (await next) as { value: Iterable<Row> };
    for (const { offset, length, columns } of value) rows.push({ offset, length, columns });
    expect(await otherRows(session, rows)).toEqual(referenceLines(CONTENT));
    expect(session.summary).toMatchObject({ status: 'completed', bytes: CONTENT.length });
  });

  test('stays so when its thread is lost', async () => {
    const file = await stage.input(CONTENT);
    const { pool, instances } = watched(stage.pool);
    const session = await open({ file }, { ...SMALL_WINDOW, pool });
    const rows = await firstRows(session);
    session.pause();
    const { next: pending } = await drained(session, rows);
    const { writerWaits: waits } = session.metrics().output;
    instances[0]?.terminate();
    let settled = false;
    void pending.then(() => {
      settled = true;
    });
    // Another thread has taken over, and waits.
    while (session.metrics().output.writerWaits === waits) await turn();
    while (!(await writerWaits(() => session.metrics().output)));
    expect(settled).toBe(false);
    session.resume();
    const { value } = await pending;
    expect(value?.type).toBe('restart');
    expect(await otherRows(session, rows)).toEqual(referenceLines(CONTENT));
  });

  test('takes nothing more from its stream', async () => {
    const { stream, state, give, end } = feed();
    const session = await open({ stream }, { maxLatencyMs: 0 });
    give('one\n');
    const rows = await firstRows(session);
    session.pause();
    // The pull that was under way gets it, and waits for a slot with it.
    give('two\n');
    give('three\n');
    for (let i = 0; i < 100; i++) await turn();
    expect(state.pulls).toBe(2);
    session.resume();
    end();
    const all = await otherRows(session, rows);
    expect(all.map(({ columns }) => columns[0])).toEqual(['one', 'two', 'three']);
  });

  test('takes nothing more from its byte-source', async () => {
    const bytes = 60_000_000;
    const session = await open({ component: counting, config: { bytes, most: 10_000 } }, SMALL_WINDOW);
    await session.next();
    session.pause();
    const rest = (async () => {
      for await (const _ of session);
    })();
    while (!(await writerWaits(() => session.metrics().input)) || session.metrics().input?.usedSlots !== 0);
    expect(session.progress.bytes).toBeLessThan(bytes);
    session.resume();
    await rest;
    expect(session.summary).toMatchObject({ status: 'completed', bytes, skippedBytes: 0 });
  });

  test.each(['close', 'abort'])('ends by %s', async (how) => {
    const file = await stage.input(CONTENT);
    const controller = new AbortController();
    const session = await open({ file }, { ...SMALL_WINDOW, signal: controller.signal });
    const rows = await firstRows(session);
    session.pause();
    const { next: pending } = await drained(session, rows);
    if (how === 'close') {
      await session.close();
      expect((await pending).done).toBe(true);
    } else {
      controller.abort(new Error('enough'));
      await expect(pending).rejects.toThrow('enough');
    }
    expect(session.summary.status).toBe(how === 'close' ? 'stopped' : 'aborted');
  });
});

describe('an item waits for others', () => {
  test('not at all with maxLatencyMs 0', async () => {
    const { stream, give, end } = feed();
    const session = await open({ stream }, { maxLatencyMs: 0 });
    for (const text of ['one', 'two', 'three']) {
      give(`${text}\n`);
      expect((await firstRows(session)).map(({ columns }) => columns[0])).toEqual([text]);
    }
    end();
    expect((await session.next()).done).toBe(true);
  });

  test('as long as maxLatencyMs says', async () => {
    const { stream, give, end, state } = feed();
    const session = await open({ stream }, { maxLatencyMs: 0x7fff_ffff });
    const pending = firstRows(session);
    give('one\n');
    while (state.pulls < 2) await turn();
    give('two\n');
    while (state.pulls < 3) await turn();
    end();
    expect((await pending).map(({ columns }) => columns[0])).toEqual(['one', 'two']);
    await session.close();
  });

  test('of the next call, where a call makes few, as long as maxLatencyMs says', async () => {
    const file = await stage.input(CONTENT.subarray(0, 100_000));
    const session = await open({ file }, { window: { bytes: 60 }, maxLatencyMs: 0 });
    let most = 0;
    for await (const batch of session.batches()) most = Math.max(most, batch.count);
    expect(most).toBeLessThan(4);
  });
});
