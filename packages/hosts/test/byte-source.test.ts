import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { type ByteSourceEnd, ByteSourceHost, type ByteSourceHostOptions } from '@chipmunk-host/hosts';
import { createInputMemory } from '@chipmunk-host/hosts/internal';
import type { CompiledComponent } from '@chipmunk-host/runtime';
import { type WorkerInstance, WorkerPool } from '@chipmunk-host/runtime/internal';
import { keptPlugin } from '@chipmunk-host/test-plugins';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COUNTING_SOURCE, countedBytes } from './counting-source.js';
import { compileKept } from './support.js';

/** Runs readers; byte-sources run in it, too, with their own program. */
const SINK = new URL('./byte-sink-fixture.mjs', import.meta.url);

type Sink = {
  collect(windows: readonly number[], stopAt: number): Promise<{ bytes: number; sha256: string }>;
  close(): void;
};

let component: CompiledComponent;
let pool: WorkerPool;
beforeAll(async () => {
  const plugin = await keptPlugin({ kind: 'bytesource', name: 'counting', source: COUNTING_SOURCE });
  component = await compileKept(plugin);
  pool = new WorkerPool({ program: SINK, maxInstances: 4 });
});
afterAll(() => pool.close());

interface Stage {
  readonly host: ByteSourceHost;
  readonly sink: WorkerInstance<Sink>;
  /** Resolves when the sink has read so many bytes. */
  readonly hasRead: (bytes: number) => Promise<void>;
}

/** Two workers, taken together: the source, initialised, and a reader of its ring. */
async function withSource<Result>(
  config: Record<string, number | string>,
  run: (stage: Stage) => Promise<Result>,
  options: Partial<ByteSourceHostOptions> = {},
): Promise<Result> {
  const workers = await pool.reserve(2);
  try {
    await using host = await ByteSourceHost.open({ component, pool: workers, plugin: 'counting', ...options });
    await host.init(config);
    const readers: { bytes: number; resolve: () => void }[] = [];
    let seen = 0;
    const payload = { ring: host.ring, memory: createInputMemory(1024 * 1024, 65_536) };
    await using sink = await workers.start<Sink, typeof payload>(payload, {
      onEvent: (bytes) => {
        seen = bytes as number;
        for (const reader of readers) if (reader.bytes <= seen) reader.resolve();
      },
    });
    const hasRead = (bytes: number) =>
      new Promise<void>((resolve) => {
        if (seen >= bytes) resolve();
        readers.push({ bytes, resolve });
      });
    return await run({ host, sink, hasRead });
  } finally {
    workers.release();
  }
}

const ALL = Number.MAX_SAFE_INTEGER;

/** What the reader came to, and how the source ended. */
function collectAll(config: Record<string, number | string>, options: Partial<ByteSourceHostOptions> = {}) {
  return withSource(
    config,
    async ({ host, sink }) => {
      const [read, end] = await Promise.allSettled([sink.call('collect', [100_000], ALL), host.run()]);
      const { value: ended } = end as PromiseFulfilledResult<ByteSourceEnd>;
      return { read, end: ended };
    },
    options,
  );
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('a byte-source plugin', () => {
  test('is asked about itself', async () => {
    await using host = await ByteSourceHost.open({ component, pool });
    expect(host.info.version).toEqual({ major: 1, minor: 2, patch: 3 });
    expect(host.info.configSchemas.map(({ id }) => id)).toEqual(['bytes', 'most', 'ending']);
    expect(host.plugin).toBe(component.hash.slice(0, 12));
  });

  test('delivers its bytes to another worker, whatever is read and whatever fits', async () => {
    const shapes = fc.record({ slots: fc.constantFrom(2, 16), slotBytes: fc.constantFrom(4096, 65_536) });
    const windows = fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.nat(500), fc.nat(2_000_000)),
        fc.integer({ min: 500, max: 100_000 }),
        windows,
        shapes,
        fc.boolean(),
        async (bytes, most, lengths, ring, bindingsOnly) => {
          const read = await withSource(
            { bytes, most },
            async ({ host, sink }) => {
              const [collected, end] = await Promise.all([sink.call('collect', lengths, ALL), host.run()]);
              expect(end).toEqual({ kind: 'ended', outcome: { reason: 'end', bytes } });
              return collected;
            },
            { ring, bindingsOnly },
          );
          expect(read).toEqual({ bytes, sha256: sha256(countedBytes(bytes)) });
        },
      ),
      { numRuns: 40 },
    );
  });

  test.each([['io'], ['unsupported'], ['other']])(
    'that reports an %s error ends its reader with it',
    async (ending) => {
      const { read, end } = await collectAll({ bytes: 1000, ending });
      const expected = {
        code: 'ERR_SOURCE_READ',
        message: `The byte-source 'counting' failed after 1000 bytes: no more of this (${ending})`,
      };
      expect(read).toMatchObject({ status: 'rejected', reason: expected });
      expect(end).toMatchObject({ kind: 'failed', error: expected });
    },
  );

  test.each([
    ['trap', 'ERR_PLUGIN_TRAP'],
    ['recurse', 'ERR_PLUGIN_TRAP'],
    ['too-much', 'ERR_PLUGIN_CONTRACT'],
    ['loop', 'ERR_PLUGIN_TIMEOUT'],
  ])('that ends with %s ends its reader with %s', async (ending, code) => {
    for (const bindingsOnly of [false, true]) {
      const options = { deadlineMs: 200, bindingsOnly, recovery: { maxRestarts: 0 } };
      const { read, end } = await collectAll({ bytes: 1000, ending }, options);
      expect(read).toMatchObject({ status: 'rejected', reason: { code, phase: 'read', plugin: 'counting' } });
      expect(end).toMatchObject({ kind: 'failed', error: { code, phase: 'read', plugin: 'counting' } });
    }
  });

  test('that refuses its configuration says so', async () => {
    await expect(collectAll({ ending: 'no-init' })).rejects.toMatchObject({
      code: 'ERR_PLUGIN_INIT',
      message: 'not like this (config)',
      plugin: 'counting',
    });
    await expect(collectAll({ bytes: 'many' })).rejects.toMatchObject({ code: 'ERR_CONFIG' });
  });

  test('logs, and what it logged last is there when it fails', async () => {
    const lines: string[] = [];
    await collectAll({ bytes: 10, ending: 'io' }, { logLevel: 'info', onLog: ({ message }) => lines.push(message) });
    expect(lines).toEqual(['ready', 'the end is near']);
  });

  test('is stopped by a full ring, and goes on when it is read', async () => {
    const ring = { slots: 2, slotBytes: 4096 };
    await withSource(
      { bytes: 1_000_000 },
      async ({ host, sink, hasRead }) => {
        const end = host.run();
        expect(await sink.call('collect', [4096], 8192)).toMatchObject({ bytes: 8192 });
        await hasRead(8192);
        await host.close();
        const ended = await end;
        // Read, in the ring, kept by the reader, and on the way: not all of the input.
        expect(ended).toMatchObject({ kind: 'ended', outcome: { reason: 'stopped' } });
        expect(ended.kind === 'ended' && ended.outcome.bytes).toBeLessThan(200_000);
      },
      { ring },
    );
  });

  test('whose worker dies ends its reader with an error, not with the end of the input', async () => {
    const end = async ({ host, sink, hasRead }: Stage) => {
      const end = host.run();
      const read = sink.call('collect', [1000], ALL);
      read.catch(() => {});
      await hasRead(100_000);
      host.instance.terminate();
      await expect(read).rejects.toMatchObject({ code: 'ERR_PLUGIN_LOST', plugin: 'counting' });
      expect(await end).toMatchObject({ kind: 'failed', error: { code: 'ERR_PLUGIN_LOST', plugin: 'counting' } });
    };
    await withSource({ bytes: 0x7fff_ffff }, end, { recovery: { maxRestarts: 0 } });
  });

  test('that is closed wakes a reader that waits', async () => {
    await withSource({}, async ({ host, sink }) => {
      const read = sink.call('collect', [1000], ALL);
      read.catch(() => {});
      await host.close();
      await host.close();
      await expect(read).rejects.toMatchObject({ code: 'ERR_SOURCE_READ' });
    });
  });

  test('is refused clearly by a pool that is too small for it and its parser', async () => {
    await using small = new WorkerPool({ program: SINK, maxInstances: 1 });
    await expect(small.reserve(2)).rejects.toThrow('2 workers are needed at once, but only 1 may run (maxInstances).');
  });

  test('leaves no temporary directory', async () => {
    const before = (await readdir(tmpdir())).filter((name) => name.startsWith('chipmunk-host-'));
    await collectAll({ bytes: 10, ending: 'temp' });
    expect((await readdir(tmpdir())).filter((name) => name.startsWith('chipmunk-host-'))).toEqual(before);
  });
});
