/** Sources that are named by URLs, where the command line takes a FILE. */
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { SOURCE_SCHEMES } from '@chipmunk-host/manager';
import { describe, expect, test } from 'vitest';
import { setStage } from './support.js';

const stage = setStage();
const PARSER = ['-p', 'string-parser'];

test('--help has an example of each source', async () => {
  const { stdout } = await stage.run('ingest', '--help');
  for (const [name] of SOURCE_SCHEMES) expect(stdout.toString()).toMatch(new RegExp(`ingest '?${name}:`));
});

describe('a command', () => {
  test('is split into words, and no shell expands anything', async () => {
    const { stdout, code, stderr } = await stage.run('ingest', `exec:printf '%s\\n' "a b" $HOME`, ...PARSER);
    expect({ stdout: stdout.toString(), code, stderr }).toEqual({ stdout: 'a b\n$HOME\n', code: 0, stderr: '' });
  });

  test('has a shell, and both of its outputs, where that is asked for', async () => {
    const args = ['exec:echo one; echo two >&2', '--shell', '--with-stderr'];
    const { stdout, code } = await stage.run('ingest', ...args, ...PARSER);
    expect(stdout.toString().split('\n').sort()).toEqual(['', 'one', 'two']);
    expect(code).toBe(0);
  });

  test('that fails is no success, and its items are written', async () => {
    const output = join(stage.directory, 'out.txt');
    const args = ['exec:echo one; exit 7', '--shell', '-q', '-o', output];
    const { code, stderr } = await stage.run('ingest', ...args, ...PARSER);
    expect(code).toBe(1);
    expect(stderr).toContain("'echo one; exit 7' has exited with code 7.");
    expect(await readFile(output, 'utf8')).toBe('one\n');
  });

  test('has its lines written as they come', async () => {
    const gate = join(stage.directory, 'gate');
    const script = `echo one; while [ ! -e '${gate}' ]; do sleep 0.01; done; echo two`;
    const child = stage.start('ingest', `exec:${script}`, '--shell', '--max-latency', '0', ...PARSER);
    const [first] = (await once(child.stdout, 'data')) as [Buffer];
    expect(first.toString()).toBe('one\n');
    await writeFile(gate, '');
    const [second] = (await once(child.stdout, 'data')) as [Buffer];
    expect(second.toString()).toBe('two\n');
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(0);
  });

  test('is recorded, and read again it gives the same', async () => {
    const record = join(stage.directory, 'record.log');
    const first = await stage.run('ingest', 'exec:seq 1 5000', ...PARSER, '--record', record);
    const again = await stage.run('ingest', record, ...PARSER);
    expect(first.code).toBe(0);
    expect(first.stdout.equals(again.stdout)).toBe(true);
    expect(again.stdout.length).toBeGreaterThan(20_000);
  });
});

test('a connection is read to its end, and named in ndjson', async () => {
  const server = createServer((socket) => socket.end('one\ntwo\n')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const url = `tcp://127.0.0.1:${port}`;
  const { stdout, code } = await stage.run('ingest', url, ...PARSER, '-f', 'ndjson', '--with-filename');
  server.close();
  expect(code).toBe(0);
  const rows = stdout
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { source: string; text: string });
  expect(rows.map(({ source, text }) => [source, text])).toEqual([
    [url, 'one'],
    [url, 'two'],
  ]);
});

test('a file that is called like a source is named with its folder', async () => {
  await stage.file('exec:x', 'in the file\n');
  await stage.file('a:b', 'with a colon\n');
  const { stdout } = await stage.run('ingest', './exec:x', 'a:b', ...PARSER);
  expect(stdout.toString()).toBe('in the file\nwith a colon\n');
});

test.each([
  ['tcp://bench', /port is missing.*Write it like this: tcp:\/\//s],
  ['tcpp://bench:1', /'tcpp' is no scheme; 'tcp' was probably meant/],
  ['udp://:1?interfce=x', /'interface' was probably meant/],
])('%s is wrong usage', async (url, message) => {
  const { code, stderr } = await stage.run('ingest', url, ...PARSER);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});

test.each([
  [['x.log', '--shell'], /'--shell' needs a command; name one as 'exec:COMMAND'/],
  [['x.log', '--record-size', '1MB'], /'--record-size' needs a record; name one with '--record'/],
  [['x.log', 'y.log', '--record', 'z'], /'--record' works with one input at a time/],
])('%j is wrong usage', async (args, message) => {
  const { code, stderr } = await stage.run('ingest', ...args, ...PARSER);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});
