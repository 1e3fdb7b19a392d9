import { runInNewContext } from 'node:vm';
import { type ByteStream, createParserPool, IngestSession } from '@chipmunk-host/hosts';
import type { WorkerPool } from '@chipmunk-host/runtime/internal';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAll, setStage } from './support.js';

const stage = setStage();
/** One worker: a session that does not give it back is noticed by the next one. */
let pool: WorkerPool;
beforeAll(() => {
  pool = createParserPool({ maxInstances: 1 });
});
afterAll(() => pool.close());

const open = (stream: unknown) =>
  IngestSession.open({ component: stage.stringParser, pool, source: { stream: stream as ByteStream }, waitMs: 0 });

const columns = async (stream: unknown) => (await readAll(await open(stream))).map(({ columns: [text] }) => text);

/** The worker was given back: another session starts without waiting. */
async function expectFree(): Promise<void> {
  expect(pool.usage).toMatchObject({ inUse: 0, waiting: 0 });
  expect(await columns([Buffer.from('next\n')])).toEqual(['next']);
}

const iterated = (iterator: unknown) => ({ [Symbol.asyncIterator]: () => iterator });

describe('a stream whose iterator cannot be made', () => {
  const locked = new ReadableStream();
  locked.getReader();
  const throwing = {
    [Symbol.asyncIterator]() {
      throw new Error('no iterator today');
    },
  };
  test.each([
    ['is locked', locked, 'locked'],
    ['throws', throwing, 'no iterator today'],
    ['gives null', iterated(null), 'null'],
    ['gives a text', iterated('abc'), 'a text'],
  ])('keeps the session from starting: it %s', async (_, stream, message) => {
    await expect(open(stream)).rejects.toMatchObject({
      code: 'ERR_SOURCE_OPEN',
      message: expect.stringContaining(message),
    });
    await expectFree();
  });
});

describe('a stream that fails when it is released', () => {
  const endless = () => ({ next: async () => ({ done: false, value: Buffer.from('line\n'.repeat(10_000)) }) });
  test.each([
    [
      'return throws',
      {
        return: () => {
          throw new Error('I stay');
        },
      },
    ],
    ['return rejects', { return: () => Promise.reject(new Error('I stay')) }],
    ['return gives no promise', { return: () => undefined }],
    ['return is no function', { return: 5 }],
  ])('harms nobody: %s', async (_, behaviour) => {
    const session = await open(iterated({ ...endless(), ...behaviour }));
    for await (const batch of session.batches()) if (batch.count > 0) break;
    await session.close();
    await expectFree();
  });

  test('has no effect: destroy throws', async () => {
    const destroy = () => {
      throw new Error('I stay');
    };
    const session = await open({ ...iterated(endless()), destroy });
    await session.next();
    await session.close();
    await expectFree();
  });
});

describe('a stream that delivers no bytes', () => {
  test.each<[unknown, string]>([
    ['text', 'a text (string)'],
    [null, 'null'],
    [undefined, 'undefined'],
    [7, 'a number'],
    [[1, 2], 'an array'],
    [new ArrayBuffer(2), 'an object of type ArrayBuffer'],
    [new DataView(new ArrayBuffer(2)), 'an object of type DataView'],
    [{}, 'an object'],
  ])('ends with an error that says what came: %s', async (chunk, what) => {
    const failing = columns(iterated({ next: async () => ({ done: false, value: chunk }) }));
    await expect(failing).rejects.toMatchObject({
      code: 'ERR_SOURCE_READ',
      message: `The stream delivered ${what}; expected bytes (Uint8Array).`,
      help: expect.any(String),
    });
    await expectFree();
  });

  test.each<[string, unknown, string]>([
    ['gives no object', () => undefined, 'next() returned undefined'],
    [
      'throws',
      () => {
        throw new Error('broken pipe');
      },
      'broken pipe',
    ],
    ['rejects', () => Promise.reject(new Error('broken pipe')), 'broken pipe'],
  ])('ends with an error when next %s', async (_, next, message) => {
    await expect(columns(iterated({ next }))).rejects.toMatchObject({
      code: 'ERR_SOURCE_READ',
      message: expect.stringContaining(message),
    });
    await expectFree();
  });
});

describe('bytes are taken', () => {
  test('of another realm, as test runners and vm contexts make them', async () => {
    const chunk = runInNewContext(`new Uint8Array([111, 110, 101, 10])`) as Uint8Array;
    expect(chunk instanceof Uint8Array).toBe(false);
    expect(await columns([chunk])).toEqual(['one']);
  });

  test('from a list, a generator and an iterator without promises', async () => {
    expect(await columns([Buffer.from('on'), new Uint8Array([101, 10])])).toEqual(['one']);
    const generated = function* () {
      yield Buffer.from('two\n');
    };
    expect(await columns(generated())).toEqual(['two']);
    const results = [{ value: Buffer.from('three\n') }, { done: true }];
    expect(await columns(iterated({ next: () => results.shift() }))).toEqual(['three']);
  });
});
