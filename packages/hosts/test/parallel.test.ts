import { IngestSession } from '@chipmunk-host/hosts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { faultyPlugin } from './faults/faulty-plugin.mjs';
import { compileKept, readAll, referenceLines, setStage } from './support.js';

const stage = setStage();
const parallel = { instances: 3, boundary: 'newline', splitBytes: 50 } as const;

describe('several instances on one file', () => {
  test('make the items of one, in order, wherever it is split', async () => {
    const line = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.constantFrom('', '\r', '\0', 'é', '日本', '😀', 'x'.repeat(300)),
    );
    const content = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\n\n')), { maxLength: 40 });
    const options = fc.record({
      bytes: fc.integer({ min: 1, max: 400 }),
      instances: fc.integer({ min: 1, max: 4 }),
      splitBytes: fc.integer({ min: 1, max: 300 }),
      end: line,
    });
    await fc.assert(
      fc.asyncProperty(content, options, async (lines, { bytes, instances, splitBytes, end }) => {
        const text = Buffer.from(lines.flat().join('') + end);
        const file = await stage.input(text);
        const session = await stage.open({
          source: { file },
          window: { bytes },
          parallel: { instances, boundary: 'newline', splitBytes },
        });
        expect(await readAll(session)).toEqual(referenceLines(text));
        expect(session.summary).toMatchObject({ status: 'completed', bytes: text.length, skippedBytes: 0 });
      }),
      { numRuns: 100 },
    );
  });

  test('end when the consumer has had enough, when the signal says so, and when they are closed twice', async () => {
    const file = await stage.input('line\n'.repeat(10_000));
    const first = await stage.open({ source: { file }, parallel });
    for await (const _ of first) break;
    expect(first.summary.status).toBe('stopped');
    const controller = new AbortController();
    const second = await stage.open({ source: { file }, parallel, signal: controller.signal });
    await second.next();
    controller.abort(new Error('enough'));
    await expect(readAll(second)).rejects.toThrow();
    expect(second.summary.status).toBe('aborted');
    await second.close();
    await second.close();
  });

  test('are one where the file is small, and say what they cannot split', async () => {
    const small = await stage.open({ source: { file: await stage.input('one\ntwo\n') }, parallel });
    expect((await readAll(small)).map(({ columns }) => columns)).toEqual([['one'], ['two']]);
    const stream = { stream: (async function* () {})() };
    await expect(
      IngestSession.open({ component: stage.stringParser, pool: stage.pool, source: stream, parallel }),
    ).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION', message: expect.stringContaining('Only a file') });
    const file = await stage.input('x');
    const wrong = { instances: 2, boundary: 'comma' as 'newline' };
    await expect(stage.open({ source: { file }, parallel: wrong })).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
    });
    await expect(stage.open({ source: { file }, parallel: { ...parallel, instances: -1 } })).rejects.toThrow(
      'The option parallel.instances is -1; expected a whole number',
    );
    const tooMany = { ...parallel, instances: 1000 };
    const long = await stage.input('x\n'.repeat(100_000));
    await expect(stage.open({ source: { file: long }, parallel: tooMany })).rejects.toThrow('(maxInstances)');
  });
});

describe('of several instances on one file', () => {
  const faulty = async () => compileKept(await faultyPlugin());

  test('one that fails recovers in its place, and the others go on', async () => {
    const lines = Array.from({ length: 200 }, (_, number) => (number % 17 === 5 ? '!trap' : `line ${number}`));
    const session = await stage.open({
      component: await faulty(),
      source: { file: await stage.input(`${lines.join('\n')}\n`) },
      window: { bytes: 100 },
      parallel: { ...parallel, splitBytes: 200 },
      recovery: { maxRestarts: 10_000 },
    });
    const texts: string[] = [];
    const gaps: number[] = [];
    let offset = 0;
    for await (const element of session) {
      expect(element.offset).toBe(offset);
      offset += element.consumedBytes;
      if (element.type === 'gap') gaps.push(element.offset);
      if (element.type === 'batch') for (const item of element) texts.push(item.text);
    }
    expect(texts).toEqual(lines.filter((line) => line !== '!trap'));
    expect(gaps).toEqual(positions(lines, '!trap'));
    expect(session.summary).toMatchObject({ status: 'completed', gaps: gaps.length });
  });

  test('one that cannot go on ends the session behind all that comes before', async () => {
    const lines = Array.from({ length: 200 }, (_, number) => (number === 150 ? '!unrecoverable' : `line ${number}`));
    const session = await stage.open({
      component: await faulty(),
      source: { file: await stage.input(`${lines.join('\n')}\n`) },
      window: { bytes: 100 },
      parallel: { ...parallel, splitBytes: 200 },
    });
    const texts: string[] = [];
    const reading = (async () => {
      for await (const batch of session.batches()) for (const item of batch) texts.push(item.text);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'ERR_PLUGIN_UNRECOVERABLE' });
    expect(texts).toEqual(lines.slice(0, 150));
  });
});

function positions(lines: readonly string[], wanted: string): number[] {
  const found: number[] = [];
  let at = 0;
  for (const line of lines) {
    if (line === wanted) found.push(at);
    at += Buffer.byteLength(line) + 1;
  }
  return found;
}
