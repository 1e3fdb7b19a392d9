/** Sessions as streams: each adapter with a slow consumer, ended early, with an error, aborted, with an empty and with a large input. */
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { PluginsManager } from '@chipmunk-host/manager';
import { buildFragile } from '@chipmunk-host/test-plugins';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Adapter, adapters, Lines, type Opened, Received, type Request } from './stream-adapters.js';
import { setStage } from './support.js';

const stage = setStage();
let manager: PluginsManager;
let fragile: Uint8Array;
beforeAll(async () => {
  fragile = await buildFragile();
  manager = await PluginsManager.open({ directory: await stage.folder('plugins'), load: 'lazy' });
});
afterAll(() => manager.close());

const KIB = 1024;
const SLOT_BYTES = 64 * KIB;
/** What a stream of Node's, and the session, may have taken beyond what their consumer has got. */
const MOST_AHEAD = 3 * SLOT_BYTES;
/** What may wait in front of the parser: the ring of bytes, and what the streams before it hold. */
const MOST_WAITING = 4.5 * KIB * KIB;

function request(more: Partial<Request> = {}): Request {
  return {
    parser: { plugin: fragile },
    ring: { slots: 2, slotBytes: SLOT_BYTES },
    window: { bytes: SLOT_BYTES },
    ...more,
  };
}

async function readAll({ as }: Adapter, { chunks }: Opened, received = new Received()): Promise<Received> {
  for await (const chunk of chunks) received.add(as, chunk);
  return received.finish();
}

/** Nothing of the session is left: neither its worker nor its input. */
async function expectNothingOpen(input?: Lines): Promise<void> {
  expect(manager.usage).toMatchObject({ inUse: 0, waiting: 0 });
  await input?.letGo;
}

describe.each(adapters.map((adapter) => [adapter.name, adapter] as const))('%s', (_, adapter) => {
  test('an empty input ends at once', async () => {
    const input = new Lines(0, 0);
    const opened = await adapter.open(manager, input, request());
    const { lines, types } = await readAll(adapter, opened);
    expect({ lines, types }).toEqual({ lines: [], types: [] });
    expect(opened.session()?.summary).toMatchObject({ status: 'completed', items: 0, bytes: 0 });
    await expectNothingOpen(input);
  });

  test('a slow consumer holds the parser and the input back, and gets every item', async () => {
    const input = new Lines(200, 200, 200);
    const opened = await adapter.open(manager, input, request());
    const received = new Received();
    let chunks = 0;
    for await (const chunk of opened.chunks) {
      received.add(adapter.as, chunk);
      // All who want to run ahead may do so.
      if (adapter.as !== 'items' || chunks++ % 400 === 0) for (let turn = 0; turn < 3; turn++) await setImmediate();
      const { bytes = 0 } = opened.session()?.summary ?? {};
      if (bytes - received.bytes > MOST_AHEAD) expect(bytes - received.bytes).toBeLessThan(MOST_AHEAD);
      if (input.pulled - bytes > MOST_WAITING) expect(input.pulled - bytes).toBeLessThan(MOST_WAITING);
    }
    const { lines } = received.finish();
    expect(lines.length).toBe(40_000);
    expect(lines).toEqual(input.lines);
    expect(opened.session()?.summary).toMatchObject({ status: 'completed', items: lines.length, bytes: input.pulled });
    await expectNothingOpen(input);
  });

  test('ended early, it gives everything back', async () => {
    const input = new Lines(10_000, 1000);
    const opened = await adapter.open(manager, input, request());
    for await (const chunk of opened.chunks) {
      expect(chunk).toBeDefined();
      break;
    }
    await opened.destroy();
    const { status, bytes } = opened.session()?.summary ?? {};
    expect(status).toBe('stopped');
    expect(bytes).toBeLessThan(MOST_AHEAD);
    await expectNothingOpen(input);
    // What Node destroys a stream with at `break`.
    expect((opened.errors ?? []).filter((error) => (error as Error).name !== 'AbortError')).toEqual([]);
  });

  test('ended before anything was read, it gives everything back', async () => {
    const opened = await adapter.open(manager, new Lines(10, 1000), request());
    await opened.destroy();
    expect(opened.session()?.summary.status ?? 'stopped').toBe('stopped');
    await expectNothingOpen();
  });

  test('what the plugin fails with comes once, behind the items before it', async () => {
    const input = new Lines(100, 1000);
    const bad = Lines.prototype[Symbol.asyncIterator].bind(input);
    const stream = (async function* () {
      yield* bad();
      yield Buffer.from('Bad\nlost\n');
    })();
    const opened = await adapter.open(manager, stream, request({ recovery: { maxRestarts: 0 } }));
    const received = new Received();
    await expect(readAll(adapter, opened, received)).rejects.toMatchObject({ code: 'ERR_PLUGIN_TRAP' });
    const { lines } = received.finish();
    // Those of the call that failed are lost with it.
    expect(lines.length).toBeGreaterThan(90_000);
    expect(lines).toEqual(input.lines.slice(0, lines.length));
    await opened.destroy().catch(() => {});
    expect(opened.session()?.summary).toMatchObject({
      status: 'failed',
      items: lines.length,
      errors: { ERR_PLUGIN_TRAP: 1 },
    });
    expect(opened.errors?.length ?? 1).toBe(1);
    await expectNothingOpen(input);
  });

  test('what the plugin recovers from is a gap, and no error', async () => {
    const stream = [Buffer.from('one\nBad\ntwo\n')];
    const opened = await adapter.open(manager, Readable.from(stream), request());
    const { lines, types } = await readAll(adapter, opened);
    expect(lines).toEqual(['one', 'two']);
    if (adapter.as === 'elements' || adapter.as === 'bytes') expect(types).toContain('gap');
    expect(opened.session()?.summary).toMatchObject({ status: 'completed', gaps: 1, bytes: 12 });
    await expectNothingOpen();
  });

  test('an error of the input comes once', async () => {
    const input = new Lines(100, 1000, 0, new Error('the cable was pulled'));
    const opened = await adapter.open(manager, input, request());
    const failure = await readAll(adapter, opened).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (adapter.isTransform) expect(failure).toMatchObject({ message: 'the cable was pulled' });
    else expect(failure).toMatchObject({ code: 'ERR_SOURCE_READ', message: expect.stringContaining('cable') });
    await opened.destroy().catch(() => {});
    await opened.session()?.ended;
    expect(opened.session()?.summary.status).toBe(adapter.isTransform ? 'stopped' : 'failed');
    expect(opened.errors?.length ?? 1).toBe(1);
    await expectNothingOpen(input);
  });

  test.each([
    ['an error', new Error('enough')],
    ['no error', 'enough'],
  ])('an abort whose reason is %s ends it at once, also where nobody reads', async (_name, reason) => {
    const abort = new AbortController();
    const input = new Lines(10_000, 1000);
    const opened = await adapter.open(manager, input, request({ signal: abort.signal }));
    const iterator = opened.chunks[Symbol.asyncIterator]();
    expect((await iterator.next()).done).toBe(false);
    await setImmediate();
    abort.abort(reason);
    await opened.session()?.ended;
    const failure = await (async () => {
      for (;;) if ((await iterator.next()).done === true) return undefined;
    })().catch((error: unknown) => error);
    const isNode = opened.errors !== undefined;
    if (isNode && typeof reason === 'string') expect(failure).toMatchObject({ name: 'AbortError', cause: reason });
    else expect(failure).toBe(reason);
    await opened.destroy().catch(() => {});
    expect(opened.session()?.summary.status).toBe('aborted');
    expect(opened.errors?.length ?? 1).toBe(1);
    await expectNothingOpen(input);
  });

  test('a session that is closed under it is an error, and no end', async () => {
    const input = new Lines(10_000, 1000);
    const opened = await adapter.open(manager, input, request());
    const iterator = opened.chunks[Symbol.asyncIterator]();
    expect((await iterator.next()).done).toBe(false);
    await opened.session()?.close();
    const failure = await (async () => {
      for (;;) if ((await iterator.next()).done === true) return undefined;
    })().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'ERR_CLOSED' });
    await opened.destroy().catch(() => {});
    await expectNothingOpen(input);
  });

  test('a parser that is not there is an error of the stream', async () => {
    const opening = (async () => {
      const opened = await adapter.open(manager, new Lines(1, 1), request({ parser: { plugin: 'nobody' } }));
      const failure = await readAll(adapter, opened).catch((error: unknown) => error);
      expect(opened.errors?.length ?? 1).toBe(1);
      throw failure;
    })();
    await expect(opening).rejects.toMatchObject({ code: 'ERR_PLUGIN_NOT_FOUND' });
    await expectNothingOpen();
  });
});

/** A large input, of which only a chunk is in memory: 1 GiB in `npm run long -- streams`. */
const MIB = Number(process.env.STREAM_MIB ?? 24);
describe(`an input of ${MIB} MiB`, () => {
  const block = Buffer.from(`${'x'.repeat(127)}\n`.repeat(8192));
  async function* blocks(): AsyncGenerator<Uint8Array> {
    for (let n = 0; n < MIB; n++) yield block;
  }

  test.each(adapters.map((adapter) => [adapter.name, adapter] as const))(
    '%s',
    async (_, adapter) => {
      const opened = await adapter.open(manager, blocks(), { parser: { plugin: 'string-parser' } });
      let items = 0;
      let rest = 0;
      let most = 0;
      let chunks = 0;
      for await (const chunk of opened.chunks) {
        if (adapter.as === 'items') items++;
        else if (adapter.as === 'bytes' || adapter.as === 'ndjson') rest += (chunk as Uint8Array).length;
        else items += (chunk as { count?: number }).count ?? 0;
        if (adapter.as !== 'items' || chunks++ % 10_000 === 0)
          most = Math.max(most, process.memoryUsage().arrayBuffers);
      }
      if (adapter.as !== 'bytes' && adapter.as !== 'ndjson') expect(items).toBe(MIB * 8192);
      else expect(rest).toBeGreaterThan(MIB * 8192 * 127);
      expect(opened.session()?.summary).toMatchObject({
        status: 'completed',
        items: MIB * 8192,
        bytes: MIB * KIB * KIB,
      });
      expect(most).toBeLessThan(512 * KIB * KIB);
      await expectNothingOpen();
    },
    120_000 + MIB * 1000,
  );
});
