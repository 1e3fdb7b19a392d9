/** What a source delivers is recorded while it is parsed, and read again it gives the same items. */
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type IngestOptions, IngestSession } from '@chipmunk-host/hosts';
import { describe, expect, test } from 'vitest';
import { setStage } from '../support.js';
import { equalItems, itemsOf } from './equal-items.js';

const stage = setStage();
let folders = 0;
async function folder(): Promise<string> {
  const path = join(stage.directory, `record-${folders++}`);
  await mkdir(path);
  return path;
}

const open = (source: IngestOptions['source'], options: Partial<IngestOptions> = {}) =>
  IngestSession.open({
    component: stage.stringParser,
    pool: stage.pool,
    config: { lossy: true },
    source,
    ...options,
  });
const command = (text: string): IngestOptions['source'] => ({ process: { command: text, shell: true } });

describe('a record of a stream', () => {
  test('has its bytes, in as many files as its limit asks for', async () => {
    const directory = await folder();
    const record = { file: join(directory, 'x.log'), maxBytes: 100_000 };
    const items = await itemsOf(await open(command('seq 1 100000'), { record }));
    const names = readdirSync(directory).sort();
    expect(names.slice(0, 2)).toEqual(['x-000001-000001.log', 'x-000001-000002.log']);
    const parts = names.map((name) => readFileSync(join(directory, name)));
    expect(parts.slice(0, -1).every(({ length }) => length === 100_000)).toBe(true);
    const file = await stage.input(Buffer.concat(parts));
    await equalItems(await stage.open({ source: { file }, config: { lossy: true } }), items);
  });

  test('keeps the last files where their number is limited', async () => {
    const directory = await folder();
    const record = { file: join(directory, 'x'), maxBytes: 10_000, maxFiles: 2 };
    await itemsOf(await open(command('seq 1 10000'), { record }));
    expect(readdirSync(directory).sort()).toEqual(['x-000001-000004', 'x-000001-000005']);
    const kept = readdirSync(directory).map((name) => readFileSync(join(directory, name), 'latin1'));
    expect(kept.join('').endsWith('9999\n10000\n')).toBe(true);
  });

  test('of this process has them, too', async () => {
    const file = join(await folder(), 'x.log');
    const chunks = [Buffer.from('one\nt'), Buffer.from('wo\n'), Buffer.from('rest')];
    const items = await itemsOf(await open({ stream: chunks }, { record: { file } }));
    expect(readFileSync(file, 'latin1')).toBe('one\ntwo\nrest');
    await equalItems(await stage.open({ source: { file }, config: { lossy: true } }), items);
  });
});

interface Recorded {
  readonly file: string;
  readonly own: number;
  readonly port: number;
  readonly lines: readonly string[];
  readonly started: number;
}

let recorded: Recorded | undefined;

test('a record of datagrams is a capture that gives the same items', async () => {
  const file = join(await folder(), 'x.pcapng');
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const own = socket.address().port;
  const free = createSocket('udp4');
  await new Promise<void>((resolve) => free.bind(0, '127.0.0.1', resolve));
  const { port } = free.address();
  free.close();
  await once(free, 'close');
  const session = await open({ udp: { port, address: '127.0.0.1' } }, { record: { file } });
  const lines = ['one\n', 'two\nthree\n', `${'x'.repeat(9001)}\n`];
  const started = Date.now();
  for (const line of lines) await new Promise((resolve) => socket.send(line, port, '127.0.0.1', resolve));
  const texts: string[] = [];
  for await (const batch of session.batches()) {
    for (const { text } of batch) texts.push(text);
    if (texts.length === 4) session.stop();
  }
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  const replayed: string[] = [];
  for await (const batch of (await open({ pcap: { file } })).batches())
    for (const { text } of batch) replayed.push(text);
  expect(replayed).toEqual(texts);
  recorded = { file, own, port, lines, started };
});

test.skipIf(spawnSync('tshark', ['--version']).error !== undefined)(
  'tshark reads the record of datagrams (skipped where it is not installed)',
  () => {
    const { file, own, port, lines, started } = recorded as Recorded;
    const fields = ['ip.src', 'udp.srcport', 'ip.dst', 'udp.dstport', 'udp.length', 'frame.time_epoch'];
    const columns = fields.flatMap((name) => ['-e', name]);
    // Checksums are checked, too.
    const checks = ['-o', 'ip.check_checksum:TRUE', '-o', 'udp.check_checksum:TRUE'];
    const { stdout } = spawnSync('tshark', ['-r', file, '-T', 'fields', ...columns, ...checks], {
      encoding: 'utf8',
    });
    const rows = stdout
      .trim()
      .split('\n')
      .map((row) => row.split('\t'));
    expect(rows.map((row) => row.slice(0, 5))).toEqual(
      lines.map(({ length }) => ['127.0.0.1', String(own), '127.0.0.1', String(port), String(length + 8)]),
    );
    for (const [, , , , , time] of rows) expect(Math.abs(Number(time) * 1000 - started)).toBeLessThan(60_000);
    const bad = spawnSync('tshark', ['-r', file, '-Y', '_ws.expert.severity == "Error"', ...checks], {
      encoding: 'utf8',
    });
    expect(bad.stdout).toBe('');
  },
);

describe('a record that cannot be made', () => {
  test('does not start the session', async () => {
    const file = join(stage.directory, 'no', 'such', 'folder', 'x.log');
    await expect(open(command('true'), { record: { file } })).rejects.toMatchObject({ code: 'ERR_RECORD' });
    await expect(open({ stream: [] }, { record: { file } })).rejects.toMatchObject({ code: 'ERR_RECORD' });
    expect(stage.pool.usage).toMatchObject({ inUse: 0 });
  });

  test.runIf(existsSync('/dev/full'))('any more ends the session, behind what was delivered', async () => {
    for (const source of [command('seq 1 100000'), { stream: [Buffer.from('one\n'), Buffer.from('two\n')] }]) {
      const session = await open(source, { record: { file: '/dev/full' } });
      const texts: string[] = [];
      const read = async () => {
        for await (const batch of session.batches()) for (const { text } of batch) texts.push(text);
      };
      await expect(read()).rejects.toMatchObject({
        code: 'ERR_RECORD',
        message: expect.stringMatching(/Cannot record to '\/dev\/full': ENOSPC/),
      });
      expect(['1', 'one']).toContain(texts[0]);
      expect(session.summary).toMatchObject({ status: 'failed', errors: { ERR_RECORD: 1 } });
    }
  });

  test('of a file is refused', async () => {
    const file = await stage.input('one\n');
    const record = { file: join(stage.directory, 'x') };
    await expect(open({ file }, { record })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
  });
});
