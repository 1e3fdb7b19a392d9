import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { logMessage, number, raw, text } from '../../../plugins/dlt-parser/test/log-message.js';
import { setStage } from './support.js';

const stage = setStage();
const STRING_PARSER = createRequire(import.meta.url).resolve('@chipmunk-host/string-parser/string-parser.wasm');
/** Several pieces of 4 MiB, with lines of all lengths. */
const LOG = Array.from({ length: 200_000 }, (_, i) => `line ${i} ${'x'.repeat(i % 140)}`).join('\n');

test('several instances on one file print what one does', async () => {
  const file = await stage.file('big.log', LOG);
  const one = await stage.run('ingest', file, '-p', 'string-parser');
  const three = await stage.run('ingest', file, '-p', 'string-parser', '--parallel', '3');
  expect([three.code, three.stderr]).toEqual([0, '']);
  expect(three.stdout.equals(one.stdout)).toBe(true);
});

test('several instances print what one does of DLT, with a file that is sent where two parts meet', async () => {
  const plain = Buffer.concat(Array.from({ length: 10_000 }, () => logMessage({ application: 'AP' })));
  const part = Buffer.concat(Array.from({ length: 18 }, () => plain));
  const sent = (args: Buffer[]) => logMessage({ application: 'FT', args });
  const begin = [text('FLST'), number(7), text('a.bin'), number(3), text('today'), number(1), number(3)];
  const file = await stage.file(
    'big.dlt',
    Buffer.concat([
      part,
      sent([...begin, text('FLST')]),
      plain,
      sent([text('FLDA'), number(7), number(1), raw(Buffer.from('abc')), text('FLDA')]),
      sent([text('FLFI'), number(7), text('FLFI')]),
      part,
    ]),
  );
  const args = ['ingest', file, '-p', 'dlt-parser', '-f', 'ndjson'];
  const one = await stage.run(...args);
  const three = await stage.run(...args, '--parallel', '3');
  expect([three.code, three.stderr]).toEqual([0, one.stderr]);
  expect(three.stdout.equals(one.stdout)).toBe(true);
  expect(one.stdout.includes('"messages":[180000,190001,190002]')).toBe(true);
  const strict = await stage.run(...args, '--parallel', '3', '-c', 'strict=true');
  expect(strict.stderr).toContain("when 'strict' is 'true'");
});

test('a parser whose metadata do not allow it is refused, and says what they would have to say', async () => {
  const file = await stage.file('small.log', 'one\n');
  const bare = await stage.file('bare.wasm', await readFile(STRING_PARSER));
  const { code, stderr } = await stage.run('ingest', file, '-p', bare, '--parallel', '2');
  expect(code).not.toBe(0);
  expect(stderr).toContain('cannot read one file with several instances');
  expect(stderr).toContain('parallel-boundary');
});

test('an encoding whose lines cannot be told apart by a byte is refused', async () => {
  const file = await stage.file('utf-16.log', Buffer.from('one\ntwo\n', 'utf16le'));
  const utf16 = ['ingest', file, '-p', 'string-parser', '-c', 'encoding=utf-16le'];
  expect((await stage.run(...utf16)).stdout.toString()).toBe('one\ntwo\n');
  const { code, stderr } = await stage.run(...utf16, '--parallel', '2');
  expect(code).not.toBe(0);
  expect(stderr).toContain("cannot read one file with several instances at once when 'encoding' is 'utf-16le'");
  expect(stderr).toContain('utf-8, latin-1');
});

test('standard input cannot be shared', async () => {
  const child = stage.start('ingest', '-', '-p', 'string-parser', '--parallel', '2');
  child.stdin.end('one\n');
  let stderr = '';
  for await (const chunk of child.stderr) stderr += chunk;
  expect(stderr).toContain('Only a file can be parsed by several instances');
});
