/** The answers of docs/embedding.md run as they stand, and print what they say behind `// →`. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatWithOptions } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const page = await readFile(new URL('../../../docs/embedding.md', import.meta.url), 'utf8');
const [section = ''] = /^## Ten questions$[\s\S]*?(?=^## )/m.exec(page) ?? [];
const questions = section
  .split(/^### /m)
  .slice(1)
  .map((text) => [text.slice(0, text.indexOf('\n')), /```ts\n([\s\S]*?)```/.exec(text)?.[1] ?? ''] as const);

const PRELUDE = `
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { createParseTransform, HostError, PluginsManager, readStream } from '@chipmunk-host/manager';
await using manager = await PluginsManager.open({ load: 'lazy' });
const store = async (bytes) => bytes.length;
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'embedding-page-test-'));
  vi.stubEnv('HOME', folder);
  vi.stubEnv('USERPROFILE', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

test('there are ten', () => {
  expect(questions).toHaveLength(10);
});

test.each(questions)('%s', async (question, code) => {
  await writeFile(join(folder, 'trace.log'), 'first\nsecond\nthird');
  await writeFile(join(folder, 'trace.log.gz'), gzipSync('first\nsecond\nthird'));
  const program = join(import.meta.dirname, `answer-${questions.findIndex(([one]) => one === question)}.generated.ts`);
  const inFolder = code.replaceAll(/'(trace\.[a-z.]+)'/g, (_, name: string) => JSON.stringify(join(folder, name)));
  await writeFile(program, `${PRELUDE}${inFolder}`);
  const printed: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((...values) => void printed.push(formatWithOptions({}, ...values)));
  try {
    await import(program);
  } finally {
    await rm(program, { force: true });
  }
  const said = [...code.matchAll(/\/\/ → (.*)$/gm)].flatMap(([, text = '']) => text.split(' / '));
  expect(said.length).toBeGreaterThan(0);
  expect(printed).toEqual(said);
});
