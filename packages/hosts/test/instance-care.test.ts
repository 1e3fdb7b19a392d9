/** What keeps a session going beside its input: instances that grow, that fail to start again, that log, and threads that hang. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type IngestOptions, IngestSession, type LogLine, type StreamRecord } from '@chipmunk-host/hosts';
import type { CompiledComponent, PluginError } from '@chipmunk-host/runtime';
import { WorkerPool } from '@chipmunk-host/runtime/internal';
import { keptPlugin } from '@chipmunk-host/test-plugins';
import { beforeAll, describe, expect, test } from 'vitest';
import { freeDiscarded } from '#worker/instance/instance-manager.js';
import { PluginLog } from '#worker/instance/plugin-log.js';
import { faultyPlugin } from './faults/faulty-plugin.mjs';
import { compileKept, descriptorsOf, setStage } from './support.js';

/** Lines; one that begins with `!` traps, one with `$` grows the memory. `init` traps as long as its file says so. */
const SWITCHED = `
  import { Config, File, InitError, Input, Items, log, Parser, Schema, Version } from '@chipmunk-host/sdk/assembly';

  class Switched extends Parser {
    version(): Version {
      return new Version(1, 0, 0);
    }

    schemas(): Schema[] {
      return [Schema.files('switch', 'While it says trap, init traps; refuse: init refuses')];
    }

    init(config: Config): InitError | null {
      const result = File.open(config.files('switch')[0]);
      if (result.file === null) return null;
      const first = new Uint8Array(1);
      const count = result.file!.read(first.dataStart, 1, 0);
      result.file!.close();
      if (count == 0) return null;
      log.error('init fails');
      if (first[0] == 114) return InitError.io('the switch says no');
      if (first[0] == 116) unreachable();
      return null;
    }

    parse(input: Input, out: Items): void {
      let line = input.start;
      for (let at = line; at < input.end && !out.full; at++) {
        if (load<u8>(at) != 10) continue;
        if (load<u8>(line) == 33) unreachable();
        if (load<u8>(line) == 36) memory.grow(16);
        out.line(line, at - line, at + 1 - line);
        line = at + 1;
      }
    }
  }

  export function create(): Parser {
    return new Switched();
  }
`;

const stage = setStage();
let faulty: CompiledComponent;
let switched: CompiledComponent;
beforeAll(async () => {
  faulty = await compileKept(await faultyPlugin());
  switched = await compileKept(await keptPlugin({ kind: 'parser', name: 'switched', source: SWITCHED }));
});

interface Outcome {
  readonly texts: readonly string[];
  readonly records: readonly StreamRecord[];
  readonly error: PluginError | undefined;
  readonly summary: IngestSession['summary'];
}

async function ingest(
  content: string,
  options: Partial<IngestOptions>,
  onFirst: () => void = () => {},
): Promise<Outcome> {
  const file = await stage.input(content);
  const session = await IngestSession.open({
    component: stage.stringParser,
    pool: stage.pool,
    source: { file },
    plugin: 'the-plugin',
    ...options,
  });
  const texts: string[] = [];
  const records: StreamRecord[] = [];
  let error: unknown;
  let batches = 0;
  try {
    for await (const element of session) {
      if (element.type !== 'batch') records.push(element.toJSON());
      else for (const item of element) texts.push(item.text);
      if (++batches === 1) onFirst();
    }
  } catch (thrown) {
    error = thrown;
  }
  return { texts, records, error: error as PluginError | undefined, summary: session.summary };
}

describe('an instance that has grown beyond the high-water mark', () => {
  const lines = Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? '!leak' : `line ${i}`));
  const content = `${lines.join('\n')}\n`;

  test('is recycled between two windows, which costs no restart and no item', async () => {
    const { texts, records, error, summary } = await ingest(content, {
      component: faulty,
      window: { bytes: 200 },
      recycleBytes: 8 * 1024 * 1024,
      recovery: { maxRestarts: 0 },
    });
    expect(error).toBeUndefined();
    expect(texts).toEqual(lines);
    expect(records.length).toBeGreaterThan(1);
    for (const record of records)
      expect(record).toMatchObject({ type: 'restart', side: 'parser', reason: 'recycled', length: 0 });
    expect(records.every((record) => record.error === undefined)).toBe(true);
    expect(summary).toMatchObject({ restarts: 0, recycled: records.length, errors: {}, skippedBytes: 0 });
  });

  test('is recycled in the pieces of a file that several share, too, though each piece is one window', async () => {
    const { texts, records, error } = await ingest(content, {
      component: faulty,
      parallel: { instances: 2, boundary: 'newline', splitBytes: 200 },
      recycleBytes: 8 * 1024 * 1024,
    });
    expect(error).toBeUndefined();
    expect(texts).toEqual(lines);
    expect(records.length).toBeGreaterThan(1);
    for (const record of records) expect(record).toMatchObject({ type: 'restart', reason: 'recycled' });
  });

  test('goes on as it is when there is no mark, or when it has so much from its start', async () => {
    for (const recycleBytes of [Number.POSITIVE_INFINITY, 1]) {
      const { texts, records } = await ingest('one\ntwo\nthree\n', {
        component: faulty,
        window: { bytes: 5 },
        recycleBytes,
      });
      expect(texts).toEqual(['one', 'two', 'three']);
      expect(records).toEqual([]);
    }
    await expect(ingest('', { recycleBytes: -1 })).rejects.toThrow(
      'The option recycleBytes is -1; expected a whole number',
    );
  });
});

describe('a fresh instance whose init fails in the middle of a session', () => {
  const before = Array.from({ length: 5000 }, (_, i) => `line ${i} before the fault`);
  const content = `${before.join('\n')}\n!trap\nlast\n`;
  const start = (options: Partial<IngestOptions>, says: string, input = content) => {
    const path = join(stage.directory, `switch-${Math.random()}`);
    // The ring holds the plugin back, until the first batch is taken.
    const held = { window: { bytes: 1000 }, ring: { slots: 2, slotBytes: 4096 }, config: { switch: [path] } };
    const onLog = ({ message }: LogLine) => message === 'init fails' && rmSync(path, { force: true });
    const isFixed = options.recovery?.narrowingMs === Number.POSITIVE_INFINITY;
    return ingest(input, { component: switched, ...held, ...(isFixed ? { onLog } : {}), ...options }, () =>
      writeFileSync(path, says),
    );
  };

  test('is tried again, and then the session goes on', async () => {
    const { texts, records, error, summary } = await start(
      { recovery: { maxRestarts: Number.POSITIVE_INFINITY, narrowingMs: Number.POSITIVE_INFINITY } },
      'trap',
    );
    expect(error).toBeUndefined();
    expect(texts).toEqual([...before, 'last']);
    expect(records.at(-1)).toMatchObject({ type: 'gap', length: 6 });
    expect(summary.restarts).toBeGreaterThan(1);
  });

  test('ends the session when there may be no more, with the items of all calls before delivered', async () => {
    const { texts, error } = await start({ recovery: { maxRestarts: 20 } }, 'trap');
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_TRAP', phase: 'init', plugin: 'the-plugin' });
    // All but the items of the call that failed, which had no more than a window.
    expect(texts.length).toBeGreaterThan(before.length - 100);
    expect(texts).toEqual(before.slice(0, texts.length));
  });

  test('ends the session at once when it refuses in the place of one that was recycled', async () => {
    const grown = `${before.join('\n')}\n$\nlast\n${'more\n'.repeat(1000)}`;
    const { texts, error } = await start({ recycleBytes: 1 }, 'refuse', grown);
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_INIT', message: 'the switch says no (io)' });
    expect(texts.slice(0, before.length + 1)).toEqual([...before, '$']);
  });

  test('ends the session at once when it refuses', async () => {
    const { texts, error } = await start({}, 'refuse');
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_INIT', message: 'the switch says no (io)' });
    // All but the items of the call that failed, which had no more than a window.
    expect(texts.length).toBeGreaterThan(before.length - 100);
    expect(texts).toEqual(before.slice(0, texts.length));
  });
});

test('the memory of an instance that nothing refers to is free before the next one takes its own', async () => {
  const discarded = () => new WeakRef(new WebAssembly.Memory({ initial: 256 }));
  const memory = discarded();
  await freeDiscarded(256 * 65_536);
  expect(memory.deref()).toBeUndefined();
});

describe('what a plugin logs', () => {
  type Posted = { readonly texts: string[]; readonly dropped: number };
  const buffer = (limits: ConstructorParameters<typeof PluginLog>[2], level: 'warn' | 'trace' = 'trace') => {
    const posted: Posted[] = [];
    const logs = new PluginLog(
      level,
      (records, dropped) => posted.push({ texts: records.map(({ message }) => message), dropped }),
      limits,
    );
    return { logs, posted };
  };

  test('is kept from its level on, and posted in order', () => {
    const { logs, posted } = buffer({}, 'warn');
    logs.flush();
    logs.add('warn', 'one');
    logs.add('info', 'no');
    logs.addOutput('stdout', 'two');
    logs.flush();
    expect(posted).toEqual([{ texts: ['one', 'two'], dropped: 0 }]);
    expect(logs.lastLines()).toEqual(['one', 'no', 'two']);
    logs.forgetLastLines();
    expect(logs.lastLines()).toEqual([]);
  });

  test('is dropped beyond each limit, and the number of dropped lines comes with the next line or at the end', () => {
    for (const limits of [{ linesPerTurn: 2 }, { linesPerSecond: 2 }, { charactersPerSecond: 6 }]) {
      const { logs, posted } = buffer(limits);
      for (const text of ['one', 'two', 'six', 'ten']) logs.add('info', text);
      logs.addOwn('the host is heard');
      logs.end();
      expect(posted).toEqual([
        { texts: ['one', 'two', 'the host is heard'], dropped: 0 },
        { texts: ['2 log lines were dropped here: the plugin logs too much.'], dropped: 2 },
      ]);
    }
    const { logs, posted } = buffer({ linesPerTurn: 0 });
    logs.add('error', 'one');
    logs.flush();
    expect(posted).toEqual([]);
  });

  test('is limited by the options of its session', async () => {
    const lines: string[] = [];
    const options = { component: faulty, logLimits: { linesPerTurn: 0 } };
    const onLog = ({ message }: LogLine) => lines.push(message);
    await ingest('!stamp\n!stamp\n', { ...options, onLog });
    expect(lines).toEqual(['2 log lines were dropped here: the plugin logs too much.']);
    await expect(ingest('', { logLimits: { linesPerSecond: 0.5 } })).rejects.toThrow('logLimits.linesPerSecond');
  });
});

describe.skipIf(process.platform !== 'linux')('a thread that hangs in a system call', () => {
  const program = new URL('./stuck-program-fixture.mjs', import.meta.url);
  const CONTENT = 'one\ntwo\nthree\n';

  /** A file, and beside it a FIFO in which a thread that works on it hangs. `release` lets all of them go. */
  async function stuckInput(kind: 'read' | 'log', content: string) {
    const file = await stage.input(content);
    const fifo = `${file}.${kind}`;
    execFileSync('mkfifo', [fifo]);
    const release = () => {
      // Under another name, so that no thread hangs in it anew.
      renameSync(fifo, `${fifo}.released`);
      closeSync(openSync(`${fifo}.released`, constants.O_RDWR | constants.O_NONBLOCK));
    };
    return { file, fifo, release };
  }

  async function readTexts(session: IngestSession): Promise<string[]> {
    const texts: string[] = [];
    for await (const batch of session.batches()) for (const item of batch) texts.push(item.text);
    return texts;
  }

  test('to read the input is waited for and reported, and costs the plugin nothing', async () => {
    const { file, release } = await stuckInput('read', CONTENT);
    await using pool = new WorkerPool({ program, maxInstances: 2 });
    const told: LogLine[] = [];
    let tell: () => void = () => {};
    const warned = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const session = await IngestSession.open({
      component: stage.stringParser,
      pool,
      source: { file },
      deadlineMs: 200,
      onLog: (line) => {
        told.push(line);
        tell();
      },
    });
    const texts = readTexts(session);
    await warned;
    release();
    expect(await texts).toEqual(['one', 'two', 'three']);
    expect(told).toMatchObject([{ source: 'host', level: 'warn', message: /^A read of the input has not returned/ }]);
    expect(session.summary).toMatchObject({ status: 'completed', restarts: 0, gaps: 0 });
  });

  test('to read the input is left behind by a session that is closed', async () => {
    const { file, release } = await stuckInput('read', CONTENT);
    await using pool = new WorkerPool({ program, maxInstances: 1 });
    let tell: () => void = () => {};
    const warned = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const open = () =>
      IngestSession.open({ component: stage.stringParser, pool, source: { file }, deadlineMs: 200, onLog: tell });
    const session = await open();
    const next = session.next();
    await warned;
    await session.close();
    expect(await next).toEqual({ done: true, value: undefined });
    // The thread may still read it: nothing else may get the number of its descriptor.
    expect(descriptorsOf(file)).toBe(1);
    release();
    await expect.poll(() => descriptorsOf(file), { timeout: 30_000 }).toBe(0);
    expect(await readTexts(await open())).toEqual(['one', 'two', 'three']);
  });

  test('again and again ends its session, with few threads left behind', async () => {
    const { file, fifo, release } = await stuckInput('log', '!stamp\n!stamp\n!stamp\n');
    await using pool = new WorkerPool({ program, maxInstances: 2 });
    const session = await IngestSession.open({
      component: faulty,
      pool,
      source: { file },
      deadlineMs: 200,
      config: { kind: fifo },
      // A line each: the first one is given up when two threads hang in it.
      window: { bytes: 7 },
    });
    try {
      await expect(readTexts(session)).rejects.toMatchObject({
        code: 'ERR_PLUGIN_TIMEOUT',
        message: 'The plugin did not return within 200 ms, and its thread hangs in a system call.',
      });
      expect(session.summary).toMatchObject({ status: 'failed', gaps: 1 });
    } finally {
      release();
    }
  });
});
