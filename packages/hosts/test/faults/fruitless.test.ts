/** Plugins that fail on everything that they are given: an end is made of them, also where each failure costs a thread. */
import { type IngestOptions, IngestSession, type StreamRecord } from '@chipmunk-host/hosts';
import { PluginTrapError } from '@chipmunk-host/runtime';
import { createRingMemory, WorkerPool } from '@chipmunk-host/runtime/internal';
import { BatchRingWriter } from '@chipmunk-host/runtime/internal/worker';
import { keptPlugin } from '@chipmunk-host/test-plugins';
import { describe, expect, test } from 'vitest';
import { RestartLimit } from '#shared/restart-limit.js';
import { BatchPublisher } from '#worker/output/batch-publisher.js';
import { frameSource } from '#worker/output/frame-source.js';
import { Recovery } from '#worker/recovery/recovery.js';
import { FAULTY_SOURCE } from '../faulty-source.js';
import { compileKept } from '../support.js';
import { fault, setScene } from './scene.js';

const scene = setScene();

describe('a parser that fails on everything', () => {
  fault(scene, 'ends its session with the first error, when ten pieces in a row were given up', async () => {
    const { texts, gaps, error, summary } = await scene.ingest('!trap\n'.repeat(2000));
    expect(texts).toEqual([]);
    expect(gaps).toHaveLength(10);
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_UNRECOVERABLE', plugin: 'the-plugin', phase: 'parse' });
    expect(error?.message).toMatch(
      /^The plugin fails on all input: 10 stretches .* 60 bytes.* The first error: .*unreachable/,
    );
    expect(error?.cause).toBeInstanceOf(PluginTrapError);
    expect(summary).toMatchObject({
      status: 'failed',
      gaps: 10,
      gapBytes: 60,
      errors: { ERR_PLUGIN_UNRECOVERABLE: 1 },
    });
  });

  fault(scene, 'behind items that it made ends its session just so', async () => {
    const { texts, gaps, error } = await scene.ingest(`one\ntwo\n${'!trap\n'.repeat(2000)}`);
    expect(texts).toEqual(['one', 'two']);
    expect(gaps).toHaveLength(10);
    expect(error?.code).toBe('ERR_PLUGIN_UNRECOVERABLE');
  });

  test('is asked on as long as there are items in between', async () => {
    const { texts, gaps, error } = await scene.ingest(`${'!trap\n'.repeat(9)}ok\n`.repeat(3));
    expect(error).toBeUndefined();
    expect(texts).toEqual(['ok', 'ok', 'ok']);
    expect(gaps).toHaveLength(27);
  });

  test.each([
    [1, 1],
    [3, 3],
    [Number.POSITIVE_INFINITY, 15],
  ])('ends it after as many as `maxGapsInRow` says: %d', async (maxGapsInRow, gaps) => {
    const outcome = await scene.ingest('!trap\n'.repeat(15), { recovery: { maxGapsInRow } });
    expect(outcome.gaps).toHaveLength(gaps);
    expect(outcome.error?.code).toBe(
      maxGapsInRow === Number.POSITIVE_INFINITY ? undefined : 'ERR_PLUGIN_UNRECOVERABLE',
    );
  });

  test('in several instances on one file ends it just so', async () => {
    const file = await scene.input('!trap\n'.repeat(2000));
    const parallel = { instances: 2, boundary: 'newline', splitBytes: 12 } as const;
    const session = await scene.open({ component: scene.faulty, source: { file }, parallel });
    const records: StreamRecord[] = [];
    await expect(
      (async () => {
        for await (const element of session) if (element.type === 'gap') records.push(element.toJSON());
      })(),
    ).rejects.toMatchObject({ code: 'ERR_PLUGIN_UNRECOVERABLE' });
    expect(records).toHaveLength(10);
  });
});

describe('threads that are lost before they come to anything', () => {
  /** Whose threads end when they are told to run. */
  const program = new URL('./dying-program-fixture.mjs', import.meta.url);

  async function endOf(recovery: IngestOptions['recovery']): Promise<unknown> {
    await using pool = new WorkerPool({ program });
    const source = { file: await scene.input('one\n') };
    const session = await IngestSession.open({
      component: scene.faulty,
      plugin: 'the-plugin',
      pool,
      source,
      ...(recovery && { recovery }),
    });
    try {
      for await (const _ of session);
      return undefined;
    } catch (error) {
      return error;
    }
  }

  test.each([undefined, { maxGapsInRow: 2 }, { maxRestarts: 0 }])('end their session: %o', async (recovery) => {
    expect(await endOf(recovery)).toMatchObject({ code: 'ERR_PLUGIN_LOST', plugin: 'the-plugin' });
  });

  test('of a source end its session, with what they were lost for', async () => {
    const built = await keptPlugin({ kind: 'bytesource', name: 'faulty-source', source: FAULTY_SOURCE });
    const source = {
      component: await compileKept(built),
      plugin: 'the-source',
      config: { bytes: 1000, faults: '0:1:loop' },
      deadlineMs: 100,
      recovery: { maxGapsInRow: 3 },
    };
    const session = await IngestSession.open({ component: scene.stringParser, pool: scene.pool, source });
    await expect(
      (async () => {
        for await (const _ of session);
      })(),
    ).rejects.toMatchObject({ code: 'ERR_PLUGIN_TIMEOUT', plugin: 'the-source', phase: 'read' });
  });
});

test('what threads were lost for counts towards the time in which the shortest slice is searched for', async () => {
  const options = { maxRestarts: 1000, restartWindowMs: 60_000, narrowingMs: 30_000, maxGapsInRow: 10 };
  const out = new BatchPublisher(
    new BatchRingWriter(createRingMemory({ slots: 4, slotBytes: 65_536 })),
    0,
    frameSource(),
  );
  const lost: number[] = [];
  const onLostInput = (_: number, bytes: number) => lost.push(bytes);
  const resumed = new Recovery({ recovery: options, restartLimit: new RestartLimit(options), onLostInput }, out);
  const error = { name: 'PluginLostError', message: 'lost', code: 'ERR_PLUGIN_LOST' };
  const failure = (ageMs: number) => ({ offset: 0, sliceBytes: 1000, sliceIsFirst: true, ageMs, error });
  await resumed.resume([failure(60_000), failure(40_000), failure(1)], 3);
  expect(lost).toEqual([1000]);
});
