/** Streams of sessions with what Node has for streams; `collect`; and their options. */
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
import { Lines } from './stream-adapters.js';
import { setStage } from './support.js';

const stage = setStage();
let manager: PluginsManager;
let fragile: Uint8Array;
beforeAll(async () => {
  fragile = await buildFragile();
  manager = await PluginsManager.open({ directory: await stage.folder('plugins'), load: 'lazy' });
});
afterAll(() => manager.close());

/** Nothing of the session is left: neither its worker nor its input. */
async function expectNothingOpen(input?: Lines): Promise<void> {
  expect(manager.usage).toMatchObject({ inUse: 0, waiting: 0 });
  await input?.letGo;
}

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

  test('what is written in a format: the input itself, and a table', async () => {
    const raw = createParseTransform(manager, parser, { as: 'raw' });
    const parts: Buffer[] = [];
    await pipeline(Readable.from(new Lines(50, 1000)), raw, async (chunks) => {
      for await (const chunk of chunks as AsyncIterable<Buffer>) parts.push(chunk);
    });
    expect(Buffer.concat(parts).toString()).toBe(new Lines(50, 1000).text);
    const session = await manager.ingest({ source: { stream: [Buffer.from('a;b\n')] }, parser });
    const csv = session.stream({ as: 'csv', encoding: { delimiter: ';', header: false } });
    expect(await new Response(csv).text()).toBe('"a;b"\r\n');
    await expectNothingOpen();
  });

  test('a format that does not have what is asked of it is refused', async () => {
    const session = await manager.ingest({ source: { stream: [] }, parser });
    const refused = expect.objectContaining({ code: 'ERR_INVALID_OPTION' });
    expect(() => session.readable({ as: 'csv', encoding: { delimiter: ';;' } })).toThrow(refused);
    await session.close();
    const transform = createParseTransform(manager, parser, { as: 'csv', encoding: { delimiter: ';;' } });
    await expect(pipeline(Readable.from([Buffer.from('a')]), transform, new Writable())).rejects.toEqual(refused);
    await expectNothingOpen();
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
    refused(
      "The option as is 'batch'; expected 'elements', 'batches', 'items', 'bytes', 'text', 'ndjson', 'csv', 'arrow', 'arrow-file', 'raw'. Did you mean 'batches'?",
    ),
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
