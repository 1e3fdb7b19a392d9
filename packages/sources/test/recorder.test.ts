/** The files of a record: their names, and where one ends. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileHead, packetBlock } from '#shared/pcapng-blocks.js';
import { Recorder, RecordNames } from '#shared/recorder.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'recorder-test-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const files = () =>
  Object.fromEntries(
    readdirSync(directory)
      .sort()
      .map((name) => [name, readFileSync(join(directory, name), 'latin1')]),
  );

test('each input has a file of its own, and one of which nothing came has none', () => {
  const options = { file: join(directory, 'x.log') };
  const recorder = new Recorder(new RecordNames(options), options, false);
  recorder.open();
  recorder.segment();
  recorder.write(Buffer.from('one'));
  recorder.write(Buffer.from(' more'));
  recorder.segment();
  recorder.segment();
  recorder.write(Buffer.from('two'));
  recorder.close();
  expect(files()).toEqual({ 'x.log': 'one more', 'x-000002.log': 'two' });
});

test('inputs at the same time have numbers of their own', () => {
  const options = { file: join(directory, 'x'), maxBytes: 4096 };
  const names = new RecordNames(options);
  const [a, b] = [new Recorder(names, options, false), new Recorder(names, options, false)];
  a.write(Buffer.alloc(5000, 'a'));
  b.write(Buffer.from('b'));
  a.write(Buffer.from('A'));
  a.close();
  b.close();
  expect(files()).toEqual({
    'x-000001-000001': 'a'.repeat(4096),
    'x-000001-000002': `${'a'.repeat(904)}A`,
    'x-000002-000001': 'b',
  });
});

test('no packet is cut, and each file can be read alone', () => {
  const options = { file: join(directory, 'x.pcapng'), maxBytes: 4096 };
  const recorder = new Recorder(new RecordNames(options), options, true, { address: '::1', port: 5 });
  for (let i = 0; i < 3; i++) recorder.packet(Buffer.alloc(1900, i), 1_700_000_000_000 + i, '[fe80::1%eth0]:7');
  recorder.close();
  const [first, second] = Object.values(files()).map((text) => Buffer.from(text, 'latin1'));
  const head = fileHead();
  const block = (i: number) =>
    packetBlock(
      Buffer.alloc(1900, i),
      1_700_000_000_000 + i,
      { address: 'fe80::1', port: 7 },
      { address: '::1', port: 5 },
    );
  expect(first?.equals(Buffer.concat([head, block(0), block(1)]))).toBe(true);
  expect(second?.equals(Buffer.concat([head, block(2)]))).toBe(true);
});
