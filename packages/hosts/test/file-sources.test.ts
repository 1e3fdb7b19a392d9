/** Files that are compressed, several files, what is no regular file, and bytes in this process: the items are those of a plain file. */
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { open as openHandle } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { type IngestOptions, IngestSession } from '@chipmunk-host/hosts';
import type { CompiledComponent } from '@chipmunk-host/runtime';
import { buildJoiner } from '@chipmunk-host/test-plugins';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dltFile } from './dlt-files.js';
import { compileKept, setStage } from './support.js';

type Source = IngestOptions['source'];

const stage = setStage();
const DLT_PARSER = createRequire(import.meta.url).resolve('@chipmunk-host/dlt-parser/dlt-parser.wasm');
let dltParser: CompiledComponent;
let columnsParser: CompiledComponent;
beforeAll(async () => {
  dltParser = await compileKept(readFileSync(DLT_PARSER));
  columnsParser = await compileKept(await buildJoiner());
});

const lines = Buffer.from(Array.from({ length: 60_000 }, (_, i) => `line\t${i}\tof ${'x'.repeat(i % 70)}\n`).join(''));
/** With transfers of files, whose messages the parser puts together: it keeps state from one to the next. */
const dlt = Buffer.concat(Array.from({ length: 30 }, (_, seed) => dltFile(seed).bytes));

/** A parser, and bytes for it. */
const PARSERS: readonly { name: string; bytes: Buffer; component: () => CompiledComponent }[] = [
  { name: 'string-parser', bytes: lines, component: () => stage.stringParser },
  { name: 'a parser with columns', bytes: lines, component: () => columnsParser },
  { name: 'a parser with state', bytes: dlt, component: () => dltParser },
];

/** All that a session delivers but notices, in the input that it is from. */
async function all(session: IngestSession) {
  const items: unknown[] = [];
  let offset = 0;
  for await (const element of session) {
    expect(element.offset).toBe(offset);
    offset += element.consumedBytes;
    if (element.type === 'source') continue;
    if (element.type !== 'batch') items.push(element);
    else
      for (const item of element)
        items.push([item.offset, item.length, item.columns, item.attachment?.toJSON(), item.time]);
  }
  const { status, bytes, skippedBytes } = session.summary;
  return { items, summary: { status, bytes, skippedBytes } };
}

function compressedBy(program: string, bytes: Uint8Array): Buffer {
  return execFileSync(program, ['-c'], { input: bytes, maxBuffer: 2 ** 30 });
}

const closers: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(closers.map((close) => close())));

function fifoOf(content: Uint8Array): string {
  const fifo = join(stage.directory, `fifo-${closers.length}`);
  execFileSync('mkfifo', [fifo]);
  writeFileSync(`${fifo}.content`, content);
  const writer = spawn('sh', ['-c', `cat '${fifo}.content' > '${fifo}'`]);
  closers.push(async () => void writer.kill());
  return fifo;
}

async function* chunks(content: Uint8Array, length: number) {
  for (let at = 0; at < content.length; at += length) yield content.subarray(at, at + length);
}

const KINDS: Readonly<Record<string, (bytes: Buffer) => Promise<Source>>> = {
  'a file of gzip': async (bytes) => ({ file: await stage.input(gzipSync(bytes)) }),
  'a file of gzip in many members': async (bytes) => {
    const members: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += 100_001) members.push(gzipSync(bytes.subarray(at, at + 100_001)));
    return { file: await stage.input(Buffer.concat(members)) };
  },
  'a file of zstd': async (bytes) => ({ file: await stage.input(compressedBy('zstd', bytes)) }),
  'a file of bzip2': async (bytes) => ({ file: await stage.input(compressedBy('bzip2', bytes)) }),
  'a file of xz': async (bytes) => ({ file: await stage.input(compressedBy('xz', bytes)) }),
  'joined files, plain and compressed': async (bytes) => {
    const third = Math.floor(bytes.length / 3);
    const parts = [bytes.subarray(0, third), gzipSync(bytes.subarray(third, 2 * third)), bytes.subarray(2 * third)];
    return { files: await Promise.all(parts.map((part) => stage.input(part))), join: true };
  },
  'a FIFO': async (bytes) => ({ file: fifoOf(bytes) }),
  'a FIFO with gzip': async (bytes) => ({ file: fifoOf(gzipSync(bytes)) }),
  'a stream of Node.js with gzip': async (bytes) => ({ stream: Readable.from(chunks(gzipSync(bytes), 5000)) }),
  'a stream of the web with xz': async (bytes) => ({ stream: new Blob([compressedBy('xz', bytes)]).stream() }),
  'an iterable with zstd': async (bytes) => ({ stream: chunks(compressedBy('zstd', bytes), 777) }),
  bytes: async (bytes) => ({ bytes }),
  'bytes of gzip': async (bytes) => ({ bytes: gzipSync(bytes) }),
  'a Blob': async (bytes) => ({ blob: new Blob([bytes.subarray(0, 1000), bytes.subarray(1000)]) }),
  'a file handle': async (bytes) => {
    const handle = await openHandle(await stage.input(bytes));
    closers.push(() => handle.close());
    await handle.read(Buffer.alloc(10), 0, 10, null);
    return { handle };
  },
};

describe.each(PARSERS)('$name', ({ bytes, component }) => {
  const plain = async () =>
    all(
      await IngestSession.open({
        component: component(),
        pool: stage.pool,
        source: { file: await stage.input(bytes) },
      }),
    );

  test.each(Object.entries(KINDS))('reads %s as a plain file', async (_, make) => {
    const source = await make(bytes);
    const session = await IngestSession.open({ component: component(), pool: stage.pool, source });
    const { items, summary } = await all(session);
    const expected = await plain();
    expect(summary).toEqual(expected.summary);
    expect(items.length).toBeGreaterThan(100);
    expect(items).toEqual(expected.items);
    expect(session.progress.share ?? 1).toBe(1);
  });

  test('reads several files each as an input of its own, and batches name them', async () => {
    const half = Math.floor(bytes.length / 2);
    const parts = [bytes.subarray(0, half), Buffer.alloc(0), bytes.subarray(half)];
    const plainFiles = await Promise.all(parts.map((part) => stage.input(part)));
    const files = await Promise.all(parts.map((part, at) => stage.input(at === 1 ? part : gzipSync(part))));
    const expected: unknown[] = [];
    let before = 0;
    for (const [at, file] of plainFiles.entries()) {
      const session = await IngestSession.open({ component: component(), pool: stage.pool, source: { file } });
      for await (const batch of session.batches())
        for (const { offset, length, columns } of batch) expected.push([files[at], before + offset, length, columns]);
      before += parts[at]?.length ?? 0;
    }
    const found: unknown[] = [];
    const session = await IngestSession.open({ component: component(), pool: stage.pool, source: { files } });
    for await (const batch of session.batches()) {
      const name = batch.sources.find(({ number }) => number === batch.source)?.name;
      for (const { offset, length, columns } of batch) found.push([name, offset, length, columns]);
    }
    expect(found).toEqual(expected);
    expect(session.summary).toMatchObject({ status: 'completed', bytes: bytes.length });
  });
});

describe('a compressed input', () => {
  const read = async (source: Source, options: Partial<IngestOptions> = {}) => {
    const session = await IngestSession.open({
      component: stage.stringParser,
      pool: stage.pool,
      source,
      ...options,
    });
    const items: string[] = [];
    let error: unknown;
    try {
      for await (const batch of session.batches()) for (const { text } of batch) items.push(text);
    } catch (thrown) {
      error = thrown;
    }
    return { items, error, session };
  };
  const texts = lines.toString().split('\n').slice(0, -1);

  test('is read as it is with compression none', async () => {
    const compressed = gzipSync('one\n');
    for (const source of [{ file: await stage.input(compressed) }, { stream: [compressed] }] as const) {
      const { items } = await read({ ...source, compression: 'none' }, { config: { lossy: true } });
      expect(items.join('\n')).not.toBe('one');
    }
    const { error } = await read({ bytes: Buffer.from('one\n'), compression: 'gzip' });
    expect(error).toMatchObject({ code: 'ERR_SOURCE_OPEN', message: expect.stringContaining('expected gzip') });
  });

  test('that is cut off delivers what came before, then fails', async () => {
    const compressed = gzipSync(lines);
    const cut = compressed.subarray(0, Math.floor(compressed.length / 2));
    for (const source of [{ file: await stage.input(cut) }, { stream: [cut], name: 'cut' }, { bytes: cut }] as const) {
      const { items, error, session } = await read(source);
      expect(error).toMatchObject({
        code: 'ERR_SOURCE_READ',
        message: expect.stringMatching(
          `ends in the middle of its compressed data, at byte ${cut.length} of the compressed`,
        ),
      });
      expect(items.length).toBeGreaterThan(10_000);
      expect(items).toEqual(texts.slice(0, items.length));
      expect(session.summary.status).toBe('failed');
    }
  });

  test('tells what is behind it', async () => {
    const compressed = Buffer.concat([gzipSync('one\n'), Buffer.from('garbage')]);
    for (const source of [{ file: await stage.input(compressed) }, { bytes: compressed }] as const) {
      const session = await IngestSession.open({ component: stage.stringParser, pool: stage.pool, source });
      const notices: unknown[] = [];
      for await (const element of session)
        if (element.type === 'source') notices.push([element.event, element.message]);
      expect(notices).toEqual([['trailing', expect.stringMatching(/^7 bytes from byte 24 of '.*' on are behind/)]]);
    }
  });

  test('is no longer decompressed when the session wants no more of it', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 'line of a bomb\n'));
    const file = await stage.input(Buffer.concat(Array.from({ length: 64 }, () => bomb)));
    const { items, session } = await read({ file }, { select: { limit: 10 } });
    expect(items.length).toBe(10);
    expect(session.summary.limitReached).toBe(true);
  });

  test('cannot be parsed by several instances', async () => {
    const file = await stage.input(gzipSync(lines));
    const parallel = { instances: 2, boundary: 'newline' } as const;
    await expect(stage.open({ source: { file }, parallel })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
  });
});

describe('several files', () => {
  test('one that is not there is named when the session is opened', async () => {
    const files = [await stage.input('one\n'), join(stage.directory, 'missing.log')];
    await expect(
      IngestSession.open({ component: stage.stringParser, pool: stage.pool, source: { files } }),
    ).rejects.toMatchObject({ code: 'ERR_SOURCE_OPEN', message: `There is no file '${files[1]}'.` });
  });

  test('a file handle that is closed meanwhile ends the session', async () => {
    const handle = await openHandle(await stage.input(Buffer.alloc(64 * 1024 * 1024, 'line\n')));
    const session = await IngestSession.open({ component: stage.stringParser, pool: stage.pool, source: { handle } });
    await session.next();
    await handle.close();
    await expect(
      (async () => {
        for await (const _ of session);
      })(),
    ).rejects.toMatchObject({ code: 'ERR_SOURCE_READ' });
  });
});
