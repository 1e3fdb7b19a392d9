import { Batch, type IngestSession } from '@chipmunk-host/hosts';
import { describe, expect, test } from 'vitest';
import { setStage } from './support.js';

const stage = setStage();
const content = Array.from({ length: 200_000 }, (_, i) => `line number ${i} of many\n`).join('');

/** Ways to read a batch to its end. Each calls `inTheMiddle` once it has begun. */
const readers: readonly [name: string, read: (batch: Batch, inTheMiddle: () => void) => string[]][] = [
  [
    'items',
    (batch, inTheMiddle) => {
      const texts: string[] = [];
      for (const item of batch) {
        texts.push(item.text);
        if (texts.length === 10) inTheMiddle();
      }
      return texts;
    },
  ],
  [
    'forEachText',
    (batch, inTheMiddle) => {
      const texts: string[] = [];
      batch.forEachText((text) => {
        texts.push(text);
        if (texts.length === 10) inTheMiddle();
      });
      return texts;
    },
  ],
  [
    'encodedLines',
    (batch, inTheMiddle) => {
      const chunks: Uint8Array[] = [];
      for (const chunk of batch.encodedLines(' ')) {
        chunks.push(chunk);
        inTheMiddle();
      }
      return Buffer.concat(chunks).toString().trimEnd().split('\n');
    },
  ],
  [
    'items that are held',
    (batch, inTheMiddle) => {
      const items = [...batch];
      inTheMiddle();
      return items.map(({ columns }) => columns[0] as string);
    },
  ],
  [
    'bytes',
    (batch, inTheMiddle) => {
      inTheMiddle();
      return [...Batch.from(batch.bytes)].map(({ text }) => text);
    },
  ],
];

/** Ways in which a session ends while its consumer is in the middle of a batch. */
const ends: readonly [name: string, end: (session: IngestSession, abort: AbortController) => unknown][] = [
  ['the signal', (_, abort) => abort.abort(new Error('enough'))],
  ['close', (session) => session.close()],
  ['return, as break calls it', (session) => session.return()],
];

describe.each(ends)('a batch that is being read when the session ends by %s', (_, end) => {
  test.each(readers)('is read to its end: %s', async (_, read) => {
    const abort = new AbortController();
    const session = await stage.open({ source: { file: await stage.input(content) }, signal: abort.signal });
    const batch = (await session.next()).value as Batch;
    const expected = content
      .slice(batch.offset, batch.offset + batch.consumedBytes)
      .trimEnd()
      .split('\n');
    expect(read(batch, () => void end(session, abort))).toEqual(expected);
    await session.close();
    // Also when nothing of it is left.
    expect([...batch]).toHaveLength(batch.count);
    expect(session.summary).toMatchObject({ items: batch.count, bytes: batch.consumedBytes });
  });
});

test('after an abort the next batch is the reason, and only then the one before is released', async () => {
  const abort = new AbortController();
  const session = await stage.open({ source: { file: await stage.input(content) }, signal: abort.signal });
  let items = 0;
  let last: Batch | undefined;
  const consume = async () => {
    for await (const batch of session.batches()) {
      last = batch;
      for (const _ of batch) if (++items === 100) abort.abort(new Error('enough'));
    }
  };
  await expect(consume()).rejects.toThrow('enough');
  expect(session.summary).toMatchObject({ status: 'aborted', items, errors: {} });
  expect(() => last?.bytes).toThrow(expect.objectContaining({ code: 'ERR_BATCH_RELEASED' }));
});

test('an abort from within onProgress ends the session behind the batch that it was called with', async () => {
  const abort = new AbortController();
  const session = await stage.open({
    source: { file: await stage.input(content) },
    signal: abort.signal,
    onProgress: () => abort.abort(new Error('seen enough')),
  });
  const batch = (await session.next()).value as Batch;
  expect([...batch]).toHaveLength(batch.count);
  await expect(session.next()).rejects.toThrow('seen enough');
  expect(await session.next()).toEqual({ done: true, value: undefined });
  expect(session.summary).toMatchObject({ status: 'aborted', items: batch.count });
});

test('an abort from within onLog ends the session with its reason', async () => {
  const abort = new AbortController();
  const session = await stage.open({
    source: { file: await stage.input(Buffer.concat([Buffer.from([0xff, 0x0a]), Buffer.from(content)])) },
    signal: abort.signal,
    ring: { slots: 2, slotBytes: 65_536 },
    onLog: () => abort.abort(new Error('heard enough')),
  });
  const consume = async () => {
    for await (const batch of session.batches()) expect([...batch]).toHaveLength(batch.count);
  };
  await expect(consume()).rejects.toThrow('heard enough');
  expect(session.summary.status).toBe('aborted');
});

const generators: readonly [name: string, begin: (session: IngestSession) => AsyncGenerator<unknown, undefined>][] = [
  ['batches', (session) => session.batches()],
  ['encoded', (session) => session.encoded('text')],
];

describe.each(generators)('the generator of %s', (_, begin) => {
  const open = async () => stage.open({ source: { file: await stage.input(content) } });

  test('closes its session when it is ended before its first element', async () => {
    const session = await open();
    expect(await begin(session).return(undefined)).toEqual({ done: true, value: undefined });
    expect(session.summary).toMatchObject({ status: 'stopped', items: 0 });
  });

  test('closes its session when an error is thrown into it before its first element', async () => {
    const session = await open();
    await expect(begin(session).throw(new Error('enough'))).rejects.toThrow('enough');
    expect(session.summary).toMatchObject({ status: 'stopped', items: 0 });
  });

  test('ends when it is ended while an element is awaited', async () => {
    const session = await open();
    const elements = begin(session);
    const [, ended] = await Promise.all([elements.next(), elements.return(undefined)]);
    expect(ended).toEqual({ done: true, value: undefined });
    expect(session.summary.status).toBe('stopped');
    expect(await elements.next()).toEqual({ done: true, value: undefined });
  });
});
