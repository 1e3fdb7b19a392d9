import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const README = join(import.meta.dirname, '..', '..', '..', 'README.md');
const EXAMPLE = join(import.meta.dirname, 'readme-example.generated.ts');

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'readme-test-'));
  vi.stubEnv('HOME', home);
  vi.stubEnv('USERPROFILE', home);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await rm(EXAMPLE, { force: true });
  await rm(home, { recursive: true, force: true });
});

test("the README's embedding example runs as it stands", async () => {
  const example = /```ts\n([\s\S]*?)```/.exec(await readFile(README, 'utf8'))?.[1] ?? '';
  const log = join(home, 'trace.log');
  await writeFile(log, 'first\nsecond\nthird');
  await writeFile(EXAMPLE, `${example.replace("'trace.log'", JSON.stringify(log))}\nexport {};\n`);
  const printed: unknown[][] = [];
  vi.spyOn(console, 'log').mockImplementation((...values) => printed.push(values));

  await import(EXAMPLE);

  expect(printed.slice(0, -1)).toEqual([
    [0, 'first'],
    [6, 'second'],
    [13, 'third'],
  ]);
  expect(printed.at(-1)).toEqual([
    expect.objectContaining({ status: 'completed', bytes: 18, items: 3, skippedBytes: 0 }),
  ]);
});
