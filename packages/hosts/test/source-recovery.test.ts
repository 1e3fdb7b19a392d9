import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type IngestOptions,
  IngestSession,
  type LogLine,
  type PluginSourceOptions,
  type RestartRecord,
} from '@chipmunk-host/hosts';
import type { CompiledComponent, PluginError } from '@chipmunk-host/runtime';
import { keptPlugin } from '@chipmunk-host/test-plugins';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { FAULTY_SOURCE, sourceBytes } from './faulty-source.js';
import { compileKept, type Row, referenceLines, setStage, watched } from './support.js';

/** How many schedules are played: few in a run of all tests, many in `npm run long -- source-crashes`. */
const SCHEDULES = Number(process.env.CRASH_SCHEDULES ?? 16);
const SEED = Number(process.env.CRASH_SEED ?? 7);
const DEADLINE_MS = 400;
const TIME_LIMIT_MS = 60_000 + SCHEDULES * 3000;

const stage = setStage();
let faulty: CompiledComponent;
beforeAll(async () => {
  const plugin = await keptPlugin({ kind: 'bytesource', name: 'faulty-source', source: FAULTY_SOURCE });
  faulty = await compileKept(plugin);
});

interface Outcome {
  readonly rows: readonly Row[];
  readonly records: readonly RestartRecord[];
  readonly error: PluginError | undefined;
  readonly summary: IngestSession['summary'];
  readonly logs: readonly string[];
}

type Config = Record<string, number | string | boolean | readonly string[]>;

/** Only what never returns has to be waited for. */
const deadlineOf = (config: Config) => (String(config.faults).includes('loop') || config.switch ? DEADLINE_MS : 10_000);

async function ingest(
  config: Config,
  source: Partial<PluginSourceOptions> = {},
  options: Partial<IngestOptions> = {},
  onBatch: (batches: number) => unknown = () => {},
): Promise<Outcome> {
  const rows: Row[] = [];
  const records: RestartRecord[] = [];
  const logs: string[] = [];
  const onLog = (record: LogLine) => {
    logs.push(record.message);
    source.onLog?.({ ...record, plugin: 'the-source' }, 0);
  };
  const session = await IngestSession.open({
    component: stage.stringParser,
    pool: stage.pool,
    source: { component: faulty, plugin: 'the-source', config, deadlineMs: deadlineOf(config), ...source, onLog },
    ...options,
  });
  let accounted = 0;
  let batches = 0;
  let error: unknown;
  try {
    for await (const element of session) {
      expect(element.offset).toBe(accounted);
      accounted += element.consumedBytes;
      if (element.type === 'restart') records.push(element.toJSON());
      if (element.type === 'batch')
        for (const { offset, length, columns } of element) rows.push({ offset, length, columns });
      await onBatch(++batches);
    }
  } catch (thrown) {
    error = thrown;
  }
  return { rows, records, error: error as PluginError | undefined, summary: session.summary, logs };
}

const wholeLines = (byteLength: number) => referenceLines(sourceBytes(byteLength - (byteLength % 20)));
const switchFile = () => join(stage.directory, `switch-${Math.random()}`);

const CODES: Readonly<Record<string, string>> = {
  trap: 'ERR_PLUGIN_TRAP',
  bounds: 'ERR_PLUGIN_TRAP',
  divide: 'ERR_PLUGIN_TRAP',
  recurse: 'ERR_PLUGIN_TRAP',
  throw: 'ERR_PLUGIN_TRAP',
  temp: 'ERR_PLUGIN_TRAP',
  memory: 'ERR_PLUGIN_MEMORY',
  loop: 'ERR_PLUGIN_TIMEOUT',
  'too-much': 'ERR_PLUGIN_CONTRACT',
};

describe('a byte-source plugin that fails in read', () => {
  test.each(Object.entries(CODES))(
    'with %s (%s) goes on where it was, and a record tells of it',
    async (kind, code) => {
      const { rows, records, error, summary } = await ingest({
        bytes: 30_000,
        most: 1000,
        faults: `20000:5000:${kind}`,
      });
      expect(error).toBeUndefined();
      expect(rows).toEqual(referenceLines(sourceBytes(30_000)));
      expect(records).toMatchObject([
        {
          side: 'source',
          reason: 'failed',
          sourceOffset: 20_000,
          length: 0,
          error: { code, plugin: 'the-source', phase: 'read' },
        },
      ]);
      expect(records[0]?.error?.details).toMatchObject({ offset: 20_000 });
      expect(summary).toMatchObject({ status: 'completed', bytes: 30_000, skippedBytes: 0, gaps: 0, restarts: 0 });
      expect(summary.sourceRestarts).toBe(records[0]?.restarts);
      expect(summary.sourceRestarts).toBeGreaterThan(1);
    },
  );

  test('whatever it is asked for delivers all before the byte that fails, and then its error', async () => {
    const { rows, error, records, summary } = await ingest({ bytes: 30_000, faults: '20005:0:trap' });
    expect(error).toMatchObject({
      code: 'ERR_PLUGIN_TRAP',
      phase: 'read',
      plugin: 'the-source',
      details: { offset: 20_005, sliceBytes: 1 },
    });
    expect(rows).toEqual(wholeLines(20_005));
    expect(summary).toMatchObject({ status: 'failed', bytes: 20_000 });
    // Instances that read on up to there.
    expect(records.every(({ side, sourceOffset = 0 }) => side === 'source' && sourceOffset < 20_005)).toBe(true);
  });

  test('before its first byte is tried again, and then ends the session', async () => {
    const { rows, error } = await ingest({ bytes: 100, faults: '0:0:trap' });
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_TRAP' });
    expect(rows).toEqual([]);
  });

  test('ends the session at once when nothing may be restarted', async () => {
    const config = { bytes: 30_000, faults: '20000:1000:trap' };
    const own = await ingest(config, { recovery: { maxRestarts: 0 } });
    expect(own.error).toMatchObject({ code: 'ERR_PLUGIN_TRAP' });
    expect(own.records).toEqual([]);
    const sessions = await ingest(config, {}, { recovery: { maxRestarts: 0 } });
    expect(sessions.error).toMatchObject({ code: 'ERR_PLUGIN_TRAP' });
    const both = await ingest(config, { recovery: { maxRestarts: 10 } }, { recovery: { maxRestarts: 0 } });
    expect(both.error).toBeUndefined();
  });

  test('ends the session when it has failed too often in a while', async () => {
    const faults = Array.from({ length: 10 }, (_, i) => `${i * 2000}:1:trap`).join(' ');
    const { error, rows } = await ingest({ bytes: 20_000, faults }, { recovery: { maxRestarts: 25 } });
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_TRAP' });
    expect(rows.length).toBeGreaterThan(0);
    expect(rows).toEqual(wholeLines(20_000).slice(0, rows.length));
    expect((await ingest({ bytes: 20_000, faults })).error).toBeUndefined();
  });

  test('for a while only goes on when that is over', async () => {
    const path = switchFile();
    writeFileSync(path, 'loop');
    const { rows, error, records, logs } = await ingest(
      { bytes: 30_000, most: 1000, switch: [path] },
      { onLog: ({ message }) => message === 'the switch says loop' && rmSync(path, { force: true }) },
    );
    expect(error).toBeUndefined();
    expect(rows).toEqual(referenceLines(sourceBytes(30_000)));
    expect(records).toMatchObject([{ sourceOffset: 1000, error: { code: 'ERR_PLUGIN_TIMEOUT' } }]);
    expect(logs).toContain('the switch says loop');
  });

  test('and does not deliver the same again ends the session with that failure, and says why', async () => {
    const path = switchFile();
    const { error, rows, logs } = await ingest(
      { bytes: 3_000_000, most: 1000, switch: [path] },
      { ring: { slots: 2, slotBytes: 4096 } },
      { window: { bytes: 1000 }, ring: { slots: 2, slotBytes: 4096 } },
      (batches) => batches === 3 && writeFileSync(path, 'stale'),
    );
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_TRAP', phase: 'read' });
    expect(rows).toEqual(wholeLines(3_000_000).slice(0, rows.length));
    expect(logs.join()).toMatch(/cannot be read again up to byte \d+, where it failed: its bytes are others/);
  });

  test.each([
    ['that fails to start again is tried as often as is allowed', 'no-start', 'ERR_PLUGIN_TRAP', 'init'],
    ['that refuses to start again is not asked twice', 'refuse', 'ERR_PLUGIN_INIT', 'init'],
  ])('%s', async (_, says, code, phase) => {
    const path = switchFile();
    const { error, rows } = await ingest(
      { bytes: 3_000_000, most: 1000, switch: [path] },
      { ring: { slots: 2, slotBytes: 4096 }, recovery: { maxRestarts: 20 } },
      { window: { bytes: 1000 }, ring: { slots: 2, slotBytes: 4096 } },
      (batches) => batches === 3 && writeFileSync(path, says),
    );
    expect(error).toMatchObject({ code, phase, plugin: 'the-source' });
    expect(rows.length).toBeGreaterThan(0);
  });

  test('is not read again when it is live', async () => {
    // It begins anew each time, and fails behind 20,000 bytes.
    const { rows, error, records, summary } = await ingest(
      { bytes: 30_000, most: 1000, faults: '20000:0:trap' },
      { recovery: { mode: 'continue', maxRestarts: 3 } },
    );
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_TRAP' });
    expect(summary).toMatchObject({ sourceRestarts: 3, bytes: 80_000 });
    expect(records.map(({ sourceOffset }) => sourceOffset)).toEqual([20_000, 40_000, 60_000]);
    expect(rows).toEqual(referenceLines(Buffer.concat(Array.from({ length: 4 }, () => sourceBytes(20_000)))));
  });

  test('beside a parser that fails, too, loses nothing', async () => {
    const { rows, error, summary } = await ingest(
      { bytes: 200_000, most: 1000, faults: '50000:5000:trap 120000:100:bounds' },
      {},
      { window: { bytes: 5000 } },
    );
    expect(error).toBeUndefined();
    expect(rows).toEqual(referenceLines(sourceBytes(200_000)));
    expect(summary).toMatchObject({ bytes: 200_000, skippedBytes: 0 });
  });
});

describe('a byte-source plugin whose thread is lost', () => {
  const SMALL = { ring: { slots: 2, slotBytes: 4096 }, deadlineMs: 10_000 };

  test('is replaced again and again, and its bytes are delivered once each', async () => {
    const { pool, instances } = watched(stage.pool);
    let ended = 0;
    const { rows, error, records, summary } = await ingest(
      { bytes: 2_000_000 },
      SMALL,
      { pool, window: { bytes: 20_000 }, ring: { slots: 2, slotBytes: 4096 } },
      (batches) => {
        if (batches % 10 !== 0 || ended === 5) return;
        ended++;
        // The parser's instance comes second.
        instances[0]?.terminate();
      },
    );
    expect(error).toBeUndefined();
    expect(rows.length).toBe(100_000);
    expect(rows).toEqual(referenceLines(sourceBytes(2_000_000)));
    expect(ended).toBeGreaterThan(1);
    expect(summary.restarts).toBe(0);
    expect(summary.sourceRestarts).toBeGreaterThan(0);
    expect(summary.sourceRestarts).toBeLessThanOrEqual(ended);
    expect(records.every(({ side, error }) => side === 'source' && error?.code === 'ERR_PLUGIN_LOST')).toBe(true);
  });

  test('while its parser is lost, too, is reported once', async () => {
    const { pool, instances } = watched(stage.pool);
    let ended = 0;
    const { rows, error, summary } = await ingest(
      { bytes: 500_000, faults: '100000:1:trap' },
      { ...SMALL, recovery: { maxRestarts: 100 } },
      { pool, window: { bytes: 20_000 }, ring: { slots: 2, slotBytes: 4096 } },
      (batches) => (batches % 7 === 0 && ended++ < 6 ? instances[1]?.terminate() : undefined),
    );
    expect(error).toBeUndefined();
    expect(rows).toEqual(referenceLines(sourceBytes(500_000)));
    expect(summary.restarts).toBeGreaterThan(0);
  });
});

describe(`random crashes of a byte-source (seed ${SEED})`, () => {
  const fault = (kinds: readonly string[]) =>
    fc.record({
      at: fc.integer({ min: 0, max: 60_000 }),
      most: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 10_000 })),
      kind: fc.constantFrom(...kinds),
    });
  const schedules = (kinds: readonly string[], maxFaults: number) =>
    fc.record({
      bytes: fc.integer({ min: 0, max: 60_000 }),
      most: fc.oneof(fc.integer({ min: 1000, max: 5000 }), fc.constant(0x7fff_ffff)),
      faults: fc.array(fault(kinds), { maxLength: maxFaults }),
      window: fc.integer({ min: 100, max: 100_000 }),
      ring: fc.record({ slots: fc.constantFrom(2, 8), slotBytes: fc.constantFrom(4096, 65_536) }),
      bindingsOnly: fc.boolean(),
    });

  const property = (kinds: readonly string[], maxFaults: number) =>
    fc.asyncProperty(schedules(kinds, maxFaults), async ({ bytes, most, faults, window, ring, bindingsOnly }) => {
      const { rows, error, records, summary } = await ingest(
        { bytes, most, faults: faults.map(({ at, most, kind }) => `${at}:${most}:${kind}`).join(' ') },
        {
          ring,
          bindingsOnly,
          deadlineMs: kinds.includes('loop') ? DEADLINE_MS : 10_000,
          recovery: { maxRestarts: 10_000 },
        },
        { window: { bytes: window } },
      );
      expect(error).toBeUndefined();
      expect(rows).toEqual(referenceLines(sourceBytes(bytes)));
      expect(summary).toMatchObject({ bytes, skippedBytes: 0, gaps: 0, restarts: 0 });
      const offsets = records.map(({ sourceOffset = -1 }) => sourceOffset);
      expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
      expect(records.reduce((sum, { restarts }) => sum + restarts, 0)).toBe(summary.sourceRestarts);
    });
  const settings = (share: number) => ({ numRuns: Math.ceil(SCHEDULES * share), seed: SEED, endOnFailure: true });

  test(
    'whatever the place and the kind: its bytes are delivered once each',
    () =>
      fc.assert(
        property(
          Object.keys(CODES).filter((kind) => kind !== 'loop'),
          4,
        ),
        settings(0.95),
      ),
    TIME_LIMIT_MS,
  );
  test('that never return: the same', () => fc.assert(property(['loop', 'trap'], 1), settings(0.05)), TIME_LIMIT_MS);
});

describe('a followed byte-source', () => {
  test('that has nothing for a while is asked again', async () => {
    const { rows, error } = await ingest(
      { bytes: 2000, most: 100, idle: 5 },
      { follow: { intervalMs: 1, maxEmptyReads: 30 } },
    );
    expect(error).toMatchObject({ code: 'ERR_SOURCE_READ' });
    expect(rows).toEqual(wholeLines(2000));
  });

  test('that has nothing for ever ends the session at the limit', async () => {
    const { rows, error, summary } = await ingest({ bytes: 100 }, { follow: { intervalMs: 1 } });
    expect(error).toMatchObject({
      code: 'ERR_SOURCE_READ',
      message: "The byte-source 'the-source' failed after 100 bytes: 20 reads in a row returned nothing.",
      help: expect.stringContaining('maxEmptyReads'),
    });
    expect(rows).toEqual(wholeLines(100));
    expect(summary).toMatchObject({ status: 'failed', bytes: 100 });
  });

  test('has its items delivered while more is still to come, and no limit when none is wanted', async () => {
    await using session = await IngestSession.open({
      component: stage.stringParser,
      pool: stage.pool,
      source: {
        component: faulty,
        config: { bytes: 100 },
        follow: { intervalMs: 1, maxEmptyReads: Number.POSITIVE_INFINITY },
      },
    });
    const first = await session.batches().next();
    expect(first.value?.count).toBe(5);
    const waiting = session.next();
    await session.close();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  test('that is closed in the middle of a long wait ends at once', async () => {
    await using session = await IngestSession.open({
      component: stage.stringParser,
      pool: stage.pool,
      source: { component: faulty, config: { bytes: 100 }, follow: { intervalMs: 1_000_000 } },
    });
    await session.next();
    await session.close();
  });

  test('whose options cannot be is refused', async () => {
    await expect(ingest({}, { follow: { intervalMs: -1 } })).rejects.toThrow(
      'The option source.follow.intervalMs is -1; expected a whole number',
    );
    await expect(ingest({}, { recovery: { mode: 'no' as 'replay' } })).rejects.toThrow(
      "The option source.recovery.mode is 'no'; expected 'replay' or 'continue'.",
    );
  });
});
