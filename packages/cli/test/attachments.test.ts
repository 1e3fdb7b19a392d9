/** `--attachments`: files with safe names, and an index that says where each is from. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Attachment } from '@chipmunk-host/manager';
import { buildJoiner } from '@chipmunk-host/test-plugins';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AttachmentFiles } from '#output/attachment-files.js';
import { logMessage, number, raw, text } from '../../../plugins/dlt-parser/test/log-message.js';
import { ingestHere } from './in-process.js';

let top = '';
let count = 0;

beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), 'attachments-'));
});
afterAll(() => rm(top, { recursive: true }));

const newPlace = () => join(top, String(++count), 'files');

function attachment(name: string, content: string, more: Partial<Attachment> = {}): Attachment {
  const data = Buffer.from(content);
  const known = { size: BigInt(data.length), created: undefined, modified: undefined, messages: new BigUint64Array() };
  return { ...known, ...more, name, data } as Attachment;
}

async function indexOf(directory: string, name = 'index.ndjson'): Promise<Record<string, unknown>[]> {
  const lines = (await readFile(join(directory, name), 'utf8')).split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const names = async (directory: string) => (await readdir(directory)).sort();

describe('files of attachments', () => {
  test('have safe names that differ in more than case, replace nothing, and are in the index', async () => {
    const directory = newPlace();
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'Photo.PNG'), 'of somebody else');
    const hostile = [
      ['photo.png', 'photo-2.png', 'image/png'],
      ['../photo.png', 'photo-3.png', 'image/png'],
      ['PHOTO.png', 'PHOTO-4.png', 'image/png'],
      ['photo-2.PNG', 'photo-2-2.PNG', 'image/png'],
      ['/etc/passwd\0.txt', 'passwd_.txt', 'text/plain'],
      ['..', 'attachment', null],
      ['', 'attachment-2', null],
      ['nul', '_nul', null],
      ['trailing. ', 'trailing', null],
      ['e\u0301', '\u00e9', null],
      ['É', 'É-2', null],
      ['straße', 'straße', null],
      ['STRASSE', 'STRASSE-2', null],
      ['index.ndjson', 'index-2.ndjson', null],
      ['Index.ndjson.partial', 'Index.ndjson-2.partial', null],
      ['attachment.partial', 'attachment-2.partial', null],
      [`${'ü'.repeat(200)}.gz`, `${'ü'.repeat(98)}.gz`, 'application/gzip'],
      [`${'ü'.repeat(201)}.gz`, `${'ü'.repeat(98)}-2.gz`, 'application/gzip'],
    ] as const;
    const files = await AttachmentFiles.open(directory);
    for (const [row, [name]] of hostile.entries())
      await files.add(attachment(name, `content ${row}`), { source: 'x.dlt', row, offset: row * 10 });
    expect({ files: files.files, bytes: files.bytes }).toEqual({ files: hostile.length, bytes: 170 });
    await files.finish();
    const expected = ['Photo.PNG', 'index.ndjson', ...hostile.map(([, file]) => file)];
    expect(await names(directory)).toEqual(expected.sort());
    expect(await names(join(directory, '..'))).toEqual(['files']);
    expect(await readFile(join(directory, 'Photo.PNG'), 'utf8')).toBe('of somebody else');
    const index = await indexOf(directory);
    expect(index.map(({ row, name, file, mime }) => [row, name, file, mime])).toEqual(
      hostile.map(([name, file, mime], row) => [row, name, file, mime]),
    );
    for (const { row, file, size, sha256 } of index) {
      const content = await readFile(join(directory, file as string));
      expect(content.toString()).toBe(`content ${row}`);
      expect([size, sha256]).toEqual([content.length, createHash('sha256').update(content).digest('hex')]);
    }
  });

  test('have what the log says of them in the index, also where it is not so', async () => {
    const directory = newPlace();
    const files = await AttachmentFiles.open(directory);
    const stated = { size: 2n ** 60n, created: 'today', modified: '', messages: BigUint64Array.of(1n, 2n ** 60n) };
    await files.add(attachment('a.json', '', stated), { source: '-', row: 7, offset: 2 ** 40 });
    await files.finish();
    const sha256 = createHash('sha256').digest('hex');
    const line = `{"source":"-","row":7,"offset":1099511627776,"name":"a.json","mime":"application/json","size":0,"sha256":"${sha256}","file":"a.json","statedSize":"1152921504606846976","created":"today","modified":"","messages":[1,"1152921504606846976"]}\n`;
    expect(await readFile(join(directory, 'index.ndjson'), 'utf8')).toBe(line);
  });

  test('that somebody else makes meanwhile are not replaced', async () => {
    const directory = newPlace();
    const files = await AttachmentFiles.open(directory);
    await writeFile(join(directory, 'a'), 'of somebody else');
    await files.add(attachment('a', 'mine'), { source: '-', row: 0, offset: 0 });
    expect(await readFile(join(directory, 'a'), 'utf8')).toBe('of somebody else');
    expect(await readFile(join(directory, 'a-2'), 'utf8')).toBe('mine');
    expect(await files.abandon()).toBe(
      `The attachments so far are in '${directory}', and their index is '${join(directory, 'index.ndjson.partial')}'.`,
    );
    expect(await indexOf(directory, 'index.ndjson.partial')).toMatchObject([{ file: 'a-2' }]);
  });

  test('are refused where there is an index, a run, or no directory', async () => {
    const directory = newPlace();
    const first = await AttachmentFiles.open(directory);
    const open = { code: 'ERR_OUTPUT_OPEN' };
    await expect(AttachmentFiles.open(directory)).rejects.toMatchObject({
      ...open,
      message: expect.stringMatching(/ndjson.partial' exists/),
    });
    await first.finish();
    await expect(AttachmentFiles.open(directory)).rejects.toMatchObject({
      ...open,
      message: expect.stringMatching(/index.ndjson' exists al/),
    });
    const file = join(directory, 'index.ndjson', 'files');
    await expect(AttachmentFiles.open(file)).rejects.toMatchObject({
      ...open,
      message: expect.stringMatching(/Cannot write to '.*ENOTDIR/),
    });
    expect(await readFile(join(directory, 'index.ndjson'), 'utf8')).toBe('');
  });
});

describe('ingest --attachments', () => {
  test('writes the files inside a DLT log, whatever they say that they are called', async () => {
    const message = (...args: Buffer[]) => logMessage({ application: 'FT', args });
    const transfer = (id: number, name: string, content: string) => [
      message(
        text('FLST'),
        number(id),
        text(name),
        number(content.length),
        text('today'),
        number(1),
        number(64),
        text('FLST'),
      ),
      message(text('FLDA'), number(id), number(1), raw(Buffer.from(content)), text('FLDA')),
      message(text('FLFI'), number(id), text('FLFI')),
    ];
    const log = Buffer.concat([
      logMessage({ application: 'APP' }),
      ...transfer(1, '../../../evil.sh', 'first'),
      ...transfer(2, 'C:\\core.txt', 'second'),
    ]);
    const [file, directory] = [join(top, 'files.dlt'), newPlace()];
    await writeFile(file, log);
    const args = [file, '-p', 'dlt-parser', '--attachments', directory, '-f', 'none'];
    expect(await ingestHere(top, ...args)).toBe(0);
    expect(await names(directory)).toEqual(['core.txt', 'evil.sh', 'index.ndjson']);
    expect(await indexOf(directory)).toMatchObject([
      { source: file, row: 3, name: '../../../evil.sh', mime: null, size: 5, file: 'evil.sh' },
      { source: file, row: 6, name: 'C:\\core.txt', mime: 'text/plain', size: 6, created: 'today', file: 'core.txt' },
    ]);
    expect(await readFile(join(directory, 'evil.sh'), 'utf8')).toBe('first');
  });

  describe('of lines with attachments', () => {
    const ROWS = 3000;
    let plugin = '';
    let log = '';

    beforeAll(async () => {
      plugin = join(top, 'joiner.wasm');
      await writeFile(plugin, await buildJoiner());
      log = join(top, 'joined.log');
      await writeFile(log, Array.from({ length: ROWS }, (_, row) => `${row % 1000 ? '' : '@'}${row}\tx\ty\n`).join(''));
    });

    test.each(['text', 'ndjson', 'csv', 'arrow', 'arrow-file', 'msgpack'])(
      'writes the same %s as without',
      async (format) => {
        const [directory, with_, without] = [newPlace(), join(top, `with.${format}`), join(top, `without.${format}`)];
        const args = [log, log, '-p', plugin, '-f', format];
        expect(await ingestHere(top, ...args, '-o', without)).toBe(0);
        expect(await ingestHere(top, ...args, '-o', with_, '--attachments', directory)).toBe(0);
        // Record batches need not begin where they do without.
        const contentOf = async (path: string) =>
          format.startsWith('arrow')
            ? tableFromIPC(await readFile(path)).toString()
            : (await readFile(path)).toString('latin1');
        expect((await contentOf(with_)) === (await contentOf(without))).toBe(true);
        const rows = [0, 1000, 2000];
        const index = await indexOf(directory);
        expect(index.map(({ row, file }) => [row, file])).toEqual(
          [...rows, ...rows].map((row, at) => [row, at === 0 ? 'line' : `line-${at + 1}`]),
        );
        for (const { row, file } of index)
          expect(await readFile(join(directory, file as string), 'utf8')).toBe(`@${row}\tx\ty`);
      },
    );

    test('leaves an index of what there is when the run fails, and none where there is nothing', async () => {
      const directory = newPlace();
      const args = [log, join(top, 'no.log'), '-p', plugin, '-f', 'none', '--attachments', directory];
      expect(await ingestHere(top, ...args)).toBe(1);
      expect(await names(directory)).toEqual(['index.ndjson.partial', 'line', 'line-2', 'line-3']);
      const empty = newPlace();
      await writeFile(join(top, 'plain.log'), 'x\n');
      const failing = [join(top, 'plain.log'), join(top, 'no.log'), '-p', plugin, '-f', 'none', '--attachments', empty];
      expect(await ingestHere(top, ...failing)).toBe(1);
      expect(await names(empty)).toEqual([]);
    });
  });
});
