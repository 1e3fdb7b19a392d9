import { Readable } from 'node:stream';
import { createParserPool, type IngestOptions, IngestSession, type PluginSourceOptions } from '@chipmunk-host/hosts';
import type { CompiledComponent } from '@chipmunk-host/runtime';
import { keptPlugin } from '@chipmunk-host/test-plugins';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { COUNTING_SOURCE, countedBytes } from './counting-source.js';
import { compileKept, readAll, referenceLines, setStage, watched } from './support.js';

const stage = setStage();
let counting: CompiledComponent;
beforeAll(async () => {
  const plugin = await keptPlugin({ kind: 'bytesource', name: 'counting', source: COUNTING_SOURCE });
  counting = await compileKept(plugin);
});

type Source = IngestOptions['source'];
const open = (source: Source, options: Partial<IngestOptions> = {}) =>
  IngestSession.open({ component: stage.stringParser, pool: stage.pool, config: { lossy: true }, source, ...options });
const plugin = (config: Record<string, number | string>, options: Partial<PluginSourceOptions> = {}): Source => ({
  component: counting,
  plugin: 'counting',
  config,
  ...options,
});
const lines = (count: number) =>
  Buffer.from(Array.from({ length: count }, (_, i) => `line ${i} of the stream\n`).join(''));

async function* chunks(content: Uint8Array, lengths: readonly number[]) {
  for (let at = 0, i = 0; at < content.length; i++) {
    const chunk = content.subarray(at, at + (lengths[i % lengths.length] ?? 1));
    at += chunk.length;
    yield chunk;
  }
}

describe('a session over a byte-source plugin', () => {
  test('has the items of its bytes, whatever it delivers at once and whatever the window is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(300_000),
        fc.integer({ min: 100, max: 100_000 }),
        fc.integer({ min: 100, max: 1_000_000 }),
        async (bytes, most, window) => {
          const session = await open(plugin({ bytes, most }), { window: { bytes: window } });
          expect(await readAll(session)).toEqual(referenceLines(countedBytes(bytes)));
          expect(session.summary).toMatchObject({ status: 'completed', bytes, skippedBytes: 0, restarts: 0 });
        },
      ),
      { numRuns: 25 },
    );
  });

  test.each([
    ['other', 'ERR_SOURCE_READ'],
    ['trap', 'ERR_PLUGIN_TRAP'],
    ['loop', 'ERR_PLUGIN_TIMEOUT'],
  ])(
    'that ends with %s throws %s behind the whole items before it, and does not restart its parser',
    async (ending, code) => {
      const session = await open(plugin({ bytes: 100_000, ending }, { deadlineMs: 300 }));
      const rows: string[] = [];
      const read = async () => {
        for await (const batch of session.batches()) for (const item of batch) rows.push(item.text);
      };
      await expect(read()).rejects.toMatchObject({ code });
      const all = referenceLines(countedBytes(100_000)).map(({ columns }) => columns[0]);
      expect(rows.length).toBe(all.length - 1);
      expect(rows).toEqual(all.slice(0, -1));
      expect(session.summary).toMatchObject({ status: 'failed', restarts: 0, errors: { [code]: 1 } });
    },
  );

  test('whose worker is lost, and may not be replaced, says so', async () => {
    const { pool, instances } = watched(stage.pool);
    const session = await open(plugin({ bytes: 0x7fff_ffff }, { recovery: { maxRestarts: 0 } }), { pool });
    await session.next();
    instances[0]?.terminate();
    const read = async () => {
      for await (const _ of session);
    };
    await expect(read()).rejects.toMatchObject({ code: 'ERR_PLUGIN_LOST', plugin: 'counting' });
  });

  test('frees both workers when the consumer stops, aborts, or the start fails', async () => {
    await using pool = createParserPool({ maxInstances: 2 });
    const abort = new AbortController();
    for await (const _ of await open(plugin({ bytes: 0x7fff_ffff }), { pool })) break;
    const aborted = await open(plugin({ bytes: 0x7fff_ffff }), { pool, signal: abort.signal });
    await aborted.next();
    abort.abort(new Error('enough'));
    await expect(aborted.next()).rejects.toThrow('enough');
    await expect(open(plugin({ ending: 'no-init' }), { pool })).rejects.toMatchObject({ plugin: 'counting' });
    await expect(open(plugin({}), { pool, config: { nonsense: 1 } })).rejects.toMatchObject({ code: 'ERR_CONFIG' });
    expect(await readAll(await open(plugin({ bytes: 10 }), { pool }))).toHaveLength(1);
  });

  test('is refused clearly by a pool of one worker', async () => {
    await using pool = createParserPool({ maxInstances: 1 });
    await expect(open(plugin({}), { pool })).rejects.toThrow(
      '2 workers are needed at once, but only 1 may run (maxInstances).',
    );
  });

  test('does not wait for ever beside others that need two workers, too', async () => {
    await using pool = createParserPool({ maxInstances: 3 });
    const all = Array.from({ length: 6 }, async () => readAll(await open(plugin({ bytes: 50_000 }), { pool })));
    for (const rows of await Promise.all(all)) expect(rows).toHaveLength(referenceLines(countedBytes(50_000)).length);
  });

  test('is refused when the source is a parser', async () => {
    await expect(open({ component: stage.stringParser, plugin: 'text' })).rejects.toMatchObject({
      code: 'ERR_PLUGIN_INVALID',
      plugin: 'text',
      message: 'The plugin is a parser; expected a byte-source.',
    });
  });
});

describe('a session over a stream', () => {
  test('has the items of its bytes, however they arrive', async () => {
    const lengths = fc.array(fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 1_000_000 })), {
      minLength: 1,
    });
    await fc.assert(
      fc.asyncProperty(fc.nat(3000), lengths, async (count, cut) => {
        const content = lines(count);
        expect(await readAll(await open({ stream: chunks(content, cut) }))).toEqual(referenceLines(content));
      }),
      { numRuns: 25 },
    );
  });

  test('delivers what has arrived while more is still to come', async () => {
    let arrive: (chunk: Uint8Array | undefined) => void = () => {};
    const next = () => new Promise<Uint8Array | undefined>((resolve) => (arrive = resolve));
    async function* slowly() {
      yield Buffer.from('first\nsec');
      for (let chunk = await next(); chunk !== undefined; chunk = await next()) yield chunk;
    }
    const session = await open({ stream: slowly() });
    const text = async () => [...((await session.batches().next()).value ?? [])].map((item) => item.text);
    expect(await text()).toEqual(['first']);
    arrive(Buffer.from('ond\nthi'));
    expect(await text()).toEqual(['second']);
    arrive(undefined);
    expect(await text()).toEqual(['thi']);
    expect(await session.next()).toEqual({ done: true, value: undefined });
  });

  test('asks for no more than it can keep when the consumer stops, and goes on when it goes on', async () => {
    const content = lines(20_000);
    const repeats = 500;
    let pulled = 0;
    async function* counted() {
      for (let i = 0; i < repeats; i++) {
        pulled++;
        yield content;
      }
    }
    const session = await open(
      { stream: counted() },
      { ring: { slots: 2, slotBytes: 65_536 }, window: { bytes: 1_000_000 } },
    );
    let items = (await session.batches().next()).value?.count ?? 0;
    let before: number;
    do {
      before = pulled;
      await new Promise((resolve) => setTimeout(resolve, 300));
    } while (pulled !== before);
    expect(pulled).toBeLessThan(repeats / 4);
    for await (const batch of session.batches()) items += batch.count;
    expect(items).toBe(20_000 * repeats);
  });

  test('throws what the stream failed with, behind the whole items before it', async () => {
    async function* failing() {
      yield Buffer.from('one\ntwo\nthr');
      throw new Error('the cable is cut');
    }
    const session = await open({ stream: failing() });
    expect([...((await session.batches().next()).value ?? [])].map((item) => item.text)).toEqual(['one', 'two']);
    await expect(session.next()).rejects.toMatchObject({
      code: 'ERR_SOURCE_READ',
      message: 'The stream failed: the cable is cut',
    });
  });

  test('refuses a stream of text', async () => {
    const session = await open({ stream: Readable.from(['text']) as unknown as AsyncIterable<Uint8Array> });
    await expect(session.next()).rejects.toMatchObject({
      code: 'ERR_SOURCE_READ',
      help: 'Set no encoding on the stream, or encode its texts: Buffer.from(text).',
    });
  });

  test('lets the stream go when the consumer stops, also one that waits for ever', async () => {
    const stream = new Readable({ read() {} });
    stream.push('a line\n');
    for await (const _ of await open({ stream })) break;
    expect(stream.destroyed).toBe(true);
    let returned = false;
    async function* endless() {
      try {
        for (;;) yield Buffer.from('a line\n');
      } finally {
        returned = true;
      }
    }
    for await (const _ of await open({ stream: endless() })) break;
    await new Promise((resolve) => setImmediate(resolve));
    expect(returned).toBe(true);
  });

  test('loses and repeats nothing when the threads of its parsers are lost again and again', async () => {
    const content = lines(200_000);
    const { pool, instances } = watched(stage.pool);
    const session = await open(
      { stream: chunks(content, [1_000, 50_000, 7]) },
      { pool, ring: { slots: 2, slotBytes: 65_536 }, window: { bytes: 100_000 } },
    );
    const texts: string[] = [];
    let batches = 0;
    let [ended, restarts] = [0, 0];
    for await (const element of session) {
      if (element.type === 'restart') restarts++;
      if (element.type !== 'batch') continue;
      for (const item of element) texts.push(item.text);
      // A thread is not ended before the session has told of the one that took over from the last.
      if (++batches % 5 !== 0 || ended === 5 || restarts !== ended) continue;
      instances.at(-1)?.terminate();
      ended++;
    }
    expect(ended).toBe(5);
    expect(texts).toEqual(referenceLines(content).map(({ columns }) => columns[0]));
    expect(session.summary).toMatchObject({ bytes: content.length, skippedBytes: 0, gaps: 0, restarts: 5 });
  });
});
