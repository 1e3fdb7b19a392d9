/** Sessions as streams: each adapter with a slow consumer, ended early, with an error, aborted, with an empty and with a large input. */
import { writeFile } from 'node:fs/promises';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import {
  createParseTransform,
  createParseTransformStream,
  type IngestSession,
  PluginsManager,
  readStream,
} from '@chipmunk-host/manager';
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

  test.each(adapters.map((adapter) => [adapter.name, adapter] as const))('%s', async (_, adapter) => {
    const opened = await adapter.open(manager, blocks(), { parser: { plugin: 'string-parser' } });
    let items = 0;
    let rest = 0;
    let most = 0;
    let chunks = 0;
    for await (const chunk of opened.chunks) {
      if (adapter.as === 'items') items++;
      else if (adapter.as === 'bytes') rest += (chunk as Uint8Array).length;
      else items += (chunk as { count?: number }).count ?? 0;
      if (adapter.as !== 'items' || chunks++ % 10_000 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers);
    }
    if (adapter.as !== 'bytes') expect(items).toBe(MIB * 8192);
    else expect(rest).toBeGreaterThan(MIB * 8192 * 127);
    expect(opened.session()?.summary).toMatchObject({ status: 'completed', items: MIB * 8192, bytes: MIB * KIB * KIB });
    expect(most).toBeLessThan(512 * KIB * KIB);
    await expectNothingOpen();
  });
});

describe('with what Node has for streams', () => {
  const source = () => ({ stream: new Lines(50, 1000) });
  const lines = () => new Lines(50, 1000).lines;
  const parser = { plugin: 'string-parser' };

  test('pipeline, from a session to a writable', async () => {
    const session = await manager.ingest({ source: source(), parser });
    const parts: Buffer[] = [];
    const sink = new Writable({ write: (chunk, _encoding, callback) => callback(void parts.push(chunk) as never) });
    await pipeline(session.readable({ as: 'bytes' }), sink);
    expect([...readStream(Buffer.concat(parts))].flatMap((one) => (one.type === 'batch' ? texts(one) : []))).toEqual(
      lines(),
    );
    expect(session.summary.status).toBe('completed');
  });

  test('pipeline, through a transform, with generators at both ends', async () => {
    const transform = createParseTransform(manager, parser, { as: 'items' });
    const got: string[] = [];
    await pipeline(Readable.from(new Lines(50, 1000)), transform, async (items) => {
      for await (const item of items as AsyncIterable<{ text: string }>) got.push(item.text);
    });
    expect(got).toEqual(lines());
    expect(transform.session?.summary).toMatchObject({ status: 'completed', items: 50_000 });
    await expectNothingOpen();
  });

  test('pipeline whose last stream fails destroys the transform and the input', async () => {
    const transform = createParseTransform(manager, parser);
    const input = new Lines(10_000, 1000);
    const sink = new Writable({
      objectMode: true,
      write: (_chunk, _encoding, callback) => callback(new Error('full')),
    });
    await expect(pipeline(Readable.from(input), transform, sink)).rejects.toThrow('full');
    if (!transform.closed) await new Promise((resolve) => transform.once('close', resolve));
    expect(transform.session?.summary.status).toBe('stopped');
    await expectNothingOpen(input);
  });

  test('pipeThrough and pipeTo', async () => {
    const pair = createParseTransformStream(manager, parser, { as: 'batches' });
    const got: string[] = [];
    await ReadableStream.from(new Lines(50, 1000))
      .pipeThrough(pair)
      .pipeTo(new WritableStream({ write: (batch) => void got.push(...texts(batch)) }));
    expect(got).toEqual(lines());
    expect(pair.session?.summary.status).toBe('completed');
    await expectNothingOpen();
  });

  test('pipeTo a sink that fails cancels the session', async () => {
    const input = new Lines(10_000, 1000);
    const session = await manager.ingest({ source: { stream: input }, parser });
    const sink = new WritableStream({
      write: () => {
        throw new Error('full');
      },
    });
    await expect(session.stream().pipeTo(sink)).rejects.toThrow('full');
    await session.ended;
    expect(session.summary.status).toBe('stopped');
    await expectNothingOpen(input);
  });

  test('Response', async () => {
    const session = await manager.ingest({ source: source(), parser });
    const body = new Uint8Array(await new Response(session.stream({ as: 'bytes' })).arrayBuffer());
    expect([...readStream(body)].flatMap((one) => (one.type === 'batch' ? texts(one) : []))).toEqual(lines());
    expect(session.summary.status).toBe('completed');
  });

  test('a file, several instances, and for await over a web stream', async () => {
    const file = await stage.file('large.log', '');
    await writeFile(file, 'some line of some length\n'.repeat(500_000));
    const session = await manager.ingest({ source: { file }, parser, parallel: 2 });
    let items = 0;
    for await (const batch of session.stream({ as: 'batches', highWaterMark: 2 })) items += batch.count;
    expect(items).toBe(500_000);
    await expectNothingOpen();
  });

  test('breaking out of for await ends the session', async () => {
    const session = await manager.ingest({ source: source(), parser });
    for await (const item of session.stream({ as: 'items' })) if (item.text.endsWith('9')) break;
    expect(session.summary.status).toBe('stopped');
    await expectNothingOpen();
  });
});

describe('collect', () => {
  const parser = { plugin: 'string-parser' };
  const open = (text: string) => manager.ingest({ source: { stream: [Buffer.from(text)] }, parser });

  test('gives plain objects, and ends the session', async () => {
    const session = await open('one\ntwo\n');
    const items = await session.collect();
    expect(items).toStrictEqual([
      { offset: 0, length: 4, text: 'one' },
      { offset: 4, length: 4, text: 'two' },
    ]);
    expect(session.summary).toMatchObject({ status: 'completed', items: 2 });
    await expectNothingOpen();
  });

  test('gives nothing of an empty input', async () => {
    expect(await (await open('')).collect({ maxItems: 0 })).toEqual([]);
  });

  test.each([
    [{ maxItems: 1 }, /more than 1 items: maxItems of collect/],
    [{ maxItems: 0 }, /more than 0 items/],
    [{ maxBytes: 10 }, /more than 10 bytes of batches: maxBytes of collect/],
  ])('is an error beyond %j', async (limits, message) => {
    const session = await open('one\ntwo\n');
    const failure = await session.collect(limits).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'ERR_COLLECT_LIMIT', message: expect.stringMatching(message) });
    expect(failure).toMatchObject({ help: expect.stringContaining('session.batches()') });
    await expectNothingOpen();
  });

  test('just at its limit is none', async () => {
    expect(await (await open('one\ntwo\n')).collect({ maxItems: 2, maxBytes: Number.POSITIVE_INFINITY })).toHaveLength(
      2,
    );
  });

  test('throws what ended the session early', async () => {
    const options = { parser: { plugin: fragile }, recovery: { maxRestarts: 0 } };
    const session = await manager.ingest({ source: { stream: [Buffer.from('one\nBad\n')] }, ...options });
    await expect(session.collect()).rejects.toMatchObject({ code: 'ERR_PLUGIN_TRAP' });
    await expectNothingOpen();
  });

  test('throws when the session was closed before its end', async () => {
    const session = await manager.ingest({ source: { stream: new Lines(10_000, 1000) }, parser });
    const collected = session.collect({ maxItems: Number.POSITIVE_INFINITY });
    const refused = expect(collected).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    await session.close();
    await refused;
    await expectNothingOpen();
  });

  test('throws the reason of an abort', async () => {
    const abort = new AbortController();
    const session = await manager.ingest({ source: { stream: new Lines(10_000, 1000) }, parser, signal: abort.signal });
    const refused = expect(session.collect()).rejects.toThrow('enough');
    abort.abort(new Error('enough'));
    await refused;
    await expectNothingOpen();
  });
});

test('a session is read by one stream alone', async () => {
  await using session = await manager.ingest({ source: { stream: [] }, parser: { plugin: 'string-parser' } });
  const first = session.readable();
  for (const again of [() => session.readable(), () => session.stream()])
    expect(again).toThrow(expect.objectContaining({ code: 'ERR_SESSION_TAKEN' }));
  await expect(session.collect()).rejects.toMatchObject({ code: 'ERR_SESSION_TAKEN' });
  first.destroy();
});

test.each([
  ['a stream of Node’s', (session: IngestSession) => session.readable({ as: 'items', highWaterMark: 1000 })],
  ['a web stream', (session: IngestSession) => session.stream({ as: 'items', highWaterMark: 1000 })],
])('%s that holds items when the session fails gives them first', async (_, open) => {
  const stream = [Buffer.from('one\ntwo\nthree\nBad\n')];
  const options = { parser: { plugin: fragile }, recovery: { maxRestarts: 0 }, window: { bytes: 14 } };
  const session = await manager.ingest({ source: { stream }, ...options });
  const got: string[] = [];
  const read = async () => {
    for await (const { text } of open(session) as AsyncIterable<{ text: string }>) {
      got.push(text);
      await session.ended;
      await setImmediate();
    }
  };
  await expect(read()).rejects.toMatchObject({ code: 'ERR_PLUGIN_TRAP' });
  expect(got).toEqual(['one', 'two', 'three']);
});

test('wrong options are refused at once', async () => {
  await using session = await manager.ingest({ source: { stream: [] }, parser: { plugin: 'string-parser' } });
  const refused = (message: string) => expect.objectContaining({ code: 'ERR_INVALID_OPTION', message });
  expect(() => session.readable({ as: 'batch' as never })).toThrow(
    refused("The option as is 'batch'; expected 'elements', 'batches', 'items', 'bytes'. Did you mean 'batches'?"),
  );
  expect(() => session.stream({ highWaterMark: -1 })).toThrow(
    refused('The option highWaterMark is -1; expected a whole number from 0 to 2147483647.'),
  );
  await expect(session.collect({ maxBytes: 0 })).rejects.toEqual(
    refused('The option maxBytes is 0; expected a whole number from 1 to 9007199254740991, or Infinity for no limit.'),
  );
  expect(() => createParseTransform(manager, {} as never)).toThrow(
    refused('The option parser.plugin is missing; expected a text that is not empty or bytes (Uint8Array).'),
  );
  expect(() => createParseTransform({} as never, { plugin: 'x' })).toThrow(
    refused('The option manager is an object; expected a plugins manager.'),
  );
  expect(() => createParseTransformStream(manager, { plugin: 'x' }, { deadlinMs: 1 } as never)).toThrow(
    refused("There is no option 'deadlinMs'. Did you mean 'deadlineMs'?"),
  );
});

test('a transform that is never used takes no worker', async () => {
  const transform = createParseTransform(manager, { plugin: 'string-parser' });
  createParseTransformStream(manager, { plugin: 'string-parser' });
  await setImmediate();
  await expectNothingOpen();
  transform.destroy();
});

function texts(batch: Iterable<{ readonly text: string }>): string[] {
  return [...batch].map(({ text }) => text);
}
