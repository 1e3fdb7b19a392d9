/** Plugins that fail on everything that they are given: an end is made of them, also where each failure costs a thread. */
import { type IngestOptions, IngestSession, type StreamRecord } from '@chipmunk-host/hosts';
import { compile, createRingMemory, PluginTimeoutError, PluginTrapError } from '@chipmunk-host/runtime';
import { RingWriter } from '@chipmunk-host/runtime/worker';
import { buildPlugin } from '@chipmunk-host/sdk';
import { describe, expect, test } from 'vitest';
import { RestartLimit } from '../../dist/shared/restart-limit.js';
import { BatchPublisher } from '../../dist/worker/batch-publisher.js';
import { Recovery } from '../../dist/worker/recovery.js';
import { FAULTY_SOURCE } from '../faulty-source.js';
import { watched } from '../support.js';
import { fault, setScene } from './scene.js';

const scene = setScene();

describe('a parser that fails on everything', () => {
  fault(scene, 'ends its session with the first error, when ten pieces in a row were given up', async () => {
    const { texts, gaps, error, summary } = await scene.ingest('!trap\n'.repeat(2000));
    expect(texts).toEqual([]);
    expect(gaps).toHaveLength(10);
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_UNRECOVERABLE', plugin: 'the-plugin', phase: 'parse' });
    expect(error?.message).toMatch(
      /^The plugin fails on everything .*: 10 pieces .* 60 bytes.* The first error: .*unreachable/,
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
    [0, 15],
  ])('ends it after as many as `maxGapsInRow` says: %d', async (maxGapsInRow, gaps) => {
    const outcome = await scene.ingest('!trap\n'.repeat(15), { recovery: { maxGapsInRow } });
    expect(outcome.gaps).toHaveLength(gaps);
    expect(outcome.error?.code).toBe(maxGapsInRow === 0 ? undefined : 'ERR_PLUGIN_UNRECOVERABLE');
  });

  test('in several instances on one file ends it just so', async () => {
    const file = await scene.input('!trap\n'.repeat(2000));
    const parallel = { instances: 2, boundary: 'newline', pieceBytes: 12 } as const;
    const session = await scene.open({ component: scene.faulty, source: { file }, parallel });
    const records: StreamRecord[] = [];
    await expect(
      (async () => {
        for await (const { record } of session) if (record?.type === 'gap') records.push(record);
      })(),
    ).rejects.toMatchObject({ code: 'ERR_PLUGIN_UNRECOVERABLE' });
    expect(records).toHaveLength(10);
  });
});

describe('threads that are lost before they come to anything', () => {
  /** Ends each thread for good when it is told to run. @param which of the instances that are started */
  function losing(which: (started: number) => boolean) {
    const { pool, instances } = watched(scene.pool);
    const push = instances.push.bind(instances);
    instances.push = (instance) => {
      const call = instance.call.bind(instance);
      if (which(instances.length))
        instance.call = (async (method: 'close', ...args: []) => {
          if ((method as string) === 'run') await instance.terminate();
          return call(method, ...args);
        }) as typeof call;
      return push(instance);
    };
    return { pool, instances };
  }

  async function endOf(
    content: string,
    options: Pick<IngestOptions, 'pool'> & Partial<IngestOptions>,
  ): Promise<unknown> {
    const source = { file: await scene.input(content) };
    const session = await IngestSession.open({ component: scene.faulty, source, ...options });
    try {
      for await (const _ of session);
      return undefined;
    } catch (error) {
      return error;
    }
  }

  test('of a parser end its session when there were ten', async () => {
    const { pool, instances } = losing(() => true);
    expect(await endOf('one\n', { pool })).toMatchObject({ code: 'ERR_PLUGIN_LOST' });
    expect(instances).toHaveLength(10);
  });

  test('of a source end its session when there were ten, with what they were lost for', async () => {
    const built = await buildPlugin({ kind: 'bytesource', name: 'faulty-source', source: FAULTY_SOURCE });
    const source = { component: await compile(built.component), plugin: 'the-source', config: { bytes: 1000 } };
    // The parser's instance comes second.
    const { pool, instances } = losing((started) => started !== 1);
    const session = await IngestSession.open({ component: scene.stringParser, pool, source });
    await expect(
      (async () => {
        for await (const _ of session);
      })(),
    ).rejects.toMatchObject({ code: 'ERR_PLUGIN_LOST', plugin: 'the-source' });
    expect(instances).toHaveLength(11);
  }, 60_000);

  test('with no restarts allowed end it at once', async () => {
    const { pool, instances } = losing(() => true);
    const end = await endOf('one\n', { pool, recovery: { maxRestarts: 0 } });
    expect(end).toMatchObject({ code: 'ERR_PLUGIN_LOST' });
    expect(instances).toHaveLength(1);
  });
});

describe('an interruption that the plugin is not to blame for, such as that of a process that is suspended,', () => {
  function recovery(maxRestarts: number): Recovery {
    const options = { maxRestarts, restartWindowMs: 60_000, narrowingMs: 30_000, maxGapsInRow: 10 };
    const out = new BatchPublisher(new RingWriter(createRingMemory({ slots: 4, slotBytes: 65_536 })), 0);
    const parts = {
      plugin: 'the-plugin',
      recovery: options,
      restartLimit: new RestartLimit(options),
      onLostInput() {},
    };
    return new Recovery(parts, out);
  }
  const late = () => new PluginTimeoutError('It took longer than a call may.', { phase: 'parse' });

  test('is the end, too, when no restarts are allowed', async () => {
    await expect(recovery(0).interrupted(late())).rejects.toMatchObject({
      code: 'ERR_PLUGIN_TIMEOUT',
      plugin: 'the-plugin',
    });
  });

  test('counts as a restart', async () => {
    const three = recovery(3);
    for (let i = 0; i < 3; i++) await three.interrupted(late());
    await expect(three.interrupted(late())).rejects.toMatchObject({ code: 'ERR_PLUGIN_TIMEOUT' });
  });
});

test('what threads were lost for counts towards the time in which the shortest slice is searched for', async () => {
  const options = { maxRestarts: 1000, restartWindowMs: 60_000, narrowingMs: 30_000, maxGapsInRow: 10 };
  const out = new BatchPublisher(new RingWriter(createRingMemory({ slots: 4, slotBytes: 65_536 })), 0);
  const lost: number[] = [];
  const onLostInput = (_: number, bytes: number) => lost.push(bytes);
  const resumed = new Recovery(
    { plugin: 'p', recovery: options, restartLimit: new RestartLimit(options), onLostInput },
    out,
  );
  const error = { name: 'PluginLostError', message: 'lost', code: 'ERR_PLUGIN_LOST' };
  const failure = (agoMs: number) => ({ sliceBytes: 1000, agoMs, error });
  await resumed.resume([failure(60_000), failure(40_000), failure(1)]);
  expect(lost).toEqual([1000]);
});
