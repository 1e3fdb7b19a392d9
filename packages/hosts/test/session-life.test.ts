import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { Batch, type LogLine, type Progress } from '@chipmunk-host/hosts';
import { describe, expect, test } from 'vitest';
import { readAll, STRING_PARSER, setStage } from './support.js';

const stage = setStage();
const lines = (count: number) => Array.from({ length: count }, (_, i) => `line number ${i} of many\n`).join('');

describe('a session', () => {
  test('gives batches that are valid until the next one is asked for', async () => {
    const content = lines(200_000);
    await using session = await stage.open({ source: { file: await stage.input(content) } });
    const first = (await session.next()).value as Batch;
    const kept = first.retain();
    const stored = Uint8Array.from(first.bytes);
    const [item] = first;
    expect(item?.text).toBe('line number 0 of many');
    const second = (await session.next()).value as Batch;
    expect(second.offset).toBe(first.offset + first.consumedBytes);
    expect(() => [...first]).toThrow(expect.objectContaining({ code: 'ERR_BATCH_RELEASED' }));
    expect(() => first.bytes).toThrow(expect.objectContaining({ code: 'ERR_BATCH_RELEASED' }));
    expect(item?.text).toBe('line number 0 of many');
    expect([...kept].map(({ text }) => text)).toEqual([...Batch.from(stored)].map(({ text }) => text));
  });

  test('reports progress and a closing summary', async () => {
    const content = lines(100_000);
    const progress: Progress[] = [];
    const session = await stage.open({
      source: { file: await stage.input(content) },
      onProgress: (step) => progress.push(step),
    });
    const rows = await readAll(session);
    expect(rows.length).toBe(100_000);
    const { durationMs, bytesPerSecond, ...summary } = session.summary;
    expect(summary).toEqual({
      status: 'completed',
      bytes: content.length,
      items: 100_000,
      skippedBytes: 0,
      filteredItems: 0,
      filteredBytes: 0,
      limitReached: false,
      parseErrors: { count: 0, texts: [] },
      gaps: 0,
      gapBytes: 0,
      restarts: 0,
      sourceRestarts: 0,
      recycled: 0,
      notices: {},
      errors: {},
    });
    expect(durationMs).toBeGreaterThan(0);
    expect(bytesPerSecond).toBeCloseTo((content.length / durationMs) * 1000);
    expect(progress.at(-1)).toMatchObject({
      bytes: content.length,
      items: 100_000,
      totalBytes: content.length,
      share: 1,
    });
  });

  test('passes on what the plugin logs, from its level on', async () => {
    const file = await stage.input(Buffer.from([0xff, 0x0a]));
    const logs: LogLine[] = [];
    await readAll(await stage.open({ source: { file }, onLog: (record) => logs.push(record) }));
    expect(logs.map(({ level }) => level)).toEqual(['warn']);
    logs.length = 0;
    await readAll(await stage.open({ source: { file }, logLevel: 'error', onLog: (record) => logs.push(record) }));
    expect(logs).toEqual([]);
  });

  test('ends when the consumer breaks out of the loop', async () => {
    const session = await stage.open({ source: { file: await stage.input(lines(300_000)) } });
    for await (const batch of session.batches()) {
      expect(batch.count).toBeGreaterThan(0);
      break;
    }
    expect(session.summary.status).toBe('stopped');
    expect(await session.next()).toEqual({ done: true, value: undefined });
  });

  test('ends when the consumer throws, and the next session works', async () => {
    const file = await stage.input(lines(300_000));
    const consume = async () => {
      for await (const _ of await stage.open({ source: { file } })) throw new Error('the consumer is broken');
    };
    await expect(consume()).rejects.toThrow('the consumer is broken');
    expect((await readAll(await stage.open({ source: { file } }))).length).toBe(300_000);
  });

  test('ends with the signal reason when aborted, also twice, also while next waits', async () => {
    const abort = new AbortController();
    const session = await stage.open({ source: { file: await stage.input(lines(300_000)) }, signal: abort.signal });
    await session.next();
    abort.abort(new Error('enough'));
    abort.abort(new Error('more than enough'));
    await expect(session.next()).rejects.toThrow('enough');
    expect(session.summary.status).toBe('aborted');
    await session.close();
    await session.close();
  });

  test('does not start with a signal that was aborted before', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(stage.open({ source: { file: await stage.input('x') }, signal })).rejects.toThrow('too late');
  });

  test('serves calls of next that overlap one after the other', async () => {
    const session = await stage.open({
      source: { file: await stage.input(lines(300_000)) },
      ring: { slots: 2, slotBytes: 65_536 },
    });
    const results = await Promise.all(Array.from({ length: 5 }, () => session.next()));
    const offsets = results.map(({ value }) => value?.offset ?? -1);
    expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
    expect(new Set(offsets).size).toBe(5);
    await session.close();
  });

  test('runs beside others, each with exactly its items', async () => {
    const files = await Promise.all([1, 2, 3, 4].map((i) => stage.input(lines(i * 20_000))));
    const all = await Promise.all(files.map(async (file) => readAll(await stage.open({ source: { file } }))));
    expect(all.map((rows) => rows.length)).toEqual([20_000, 40_000, 60_000, 80_000]);
  });

  test('stops reading when the consumer stops, and goes on when it goes on', async () => {
    const content = lines(400_000);
    const session = await stage.open({
      source: { file: await stage.input(content) },
      ring: { slots: 2, slotBytes: 65_536 },
    });
    let items = (await session.batches().next()).value?.count ?? 0;
    await quiet();
    for await (const batch of session.batches()) items += batch.count;
    expect(items).toBe(400_000);
  });

  test('leaves no thread, handle or temporary file: a process with one ends by itself', async () => {
    const before = await temporaryFiles();
    const file = await stage.input(lines(100_000));
    for (const how of ['read', 'break', 'close', 'fail']) {
      const output = await runProcess(how === 'fail' ? `${file}-missing` : file, how);
      expect(output).toBe(how === 'fail' ? 'ERR_SOURCE_OPEN\n' : 'done\n');
    }
    expect(await temporaryFiles()).toEqual(before);
  });
});

/** Resolves when this process, with its workers, has used no processor time between two looks at it. */
async function quiet(): Promise<void> {
  for (let idle = 0; idle < 3; ) {
    const before = process.cpuUsage();
    await new Promise((resolve) => setImmediate(() => setTimeout(resolve, 50)));
    const used = process.cpuUsage(before);
    idle = used.user + used.system < 20_000 ? idle + 1 : 0;
  }
}

async function temporaryFiles(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('chipmunk-host-'));
}

/** A process that opens a session and its pool, and closes only the session. */
function runProcess(file: string, how: string): Promise<string> {
  const source = `
    import { readFileSync } from 'node:fs';
    import { compile } from '@chipmunk-host/runtime';
    import { createParserPool, IngestSession } from '@chipmunk-host/hosts';
    const [parser, file, how] = process.argv.slice(1);
    const component = await compile(readFileSync(parser));
    const pool = createParserPool();
    try {
      // Often: that nothing keeps the process while a session is closed is seen in some runs only.
      for (let run = 0; run < 4; run++) {
        const session = await IngestSession.open({ component, pool, source: { file } });
        if (how === 'close') {
          await session.next();
          await session.close();
        }
        for await (const batch of session.batches()) if (how === 'break') break;
      }
      console.log('done');
    } catch (error) {
      console.log(error.code);
    }`;
  return new Promise((resolve, reject) => {
    const args = ['--input-type=module', '-e', source, STRING_PARSER, file, how];
    execFile(process.execPath, args, { cwd: import.meta.dirname, timeout: 30_000 }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });
}
