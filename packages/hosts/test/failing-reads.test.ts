/** Reads that the system interrupts, puts off or fails in the middle of a file: by a library that is loaded before the system's. */
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { referenceLines, setStage } from './support.js';

const run = promisify(execFile);
const stage = setStage();
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const FILE_SOURCE = path('../../../plugins/file-source/dist/file-source.wasm');

const hasCompiler = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0;
const CONTENT = Buffer.from(Array.from({ length: 80_000 }, (_, i) => `line ${i} ${'x'.repeat(i % 70)}\n`).join(''));
const ROWS = referenceLines(CONTENT);

describe.skipIf(!hasCompiler)('reads of a file (skipped without Linux and a C compiler)', () => {
  let library: string;
  let file: string;
  beforeAll(async () => {
    library = join(stage.directory, 'failing-reads.so');
    await run('cc', ['-shared', '-fPIC', '-o', library, path('failing-reads.c'), '-ldl']);
    file = `${await stage.input('')}.failing`;
    const { writeFile } = await import('node:fs/promises');
    await writeFile(file, CONTENT);
  });

  /** What came of reading the file in a process of its own, whose reads fail so. */
  const outcome = async (fault: string, ...args: readonly string[]) => {
    const env = { ...process.env, LD_PRELOAD: library, READ_FAULT: fault };
    const { stdout } = await run(process.execPath, [path('reading-program-fixture.mjs'), file, ...args], { env });
    return JSON.parse(stdout) as Record<string, unknown>;
  };

  const whole = { status: 'completed', items: ROWS.length, bytes: CONTENT.length, restarts: 0 };
  test.each([
    ['EINTR', ['1']],
    ['EINTR', ['3']],
    ['EINTR', ['1', FILE_SOURCE]],
    ['EAGAIN', ['1']],
    ['EAGAIN', ['1', FILE_SOURCE]],
  ])('that end with %s are made again (instances, source: %j)', async (fault, args) => {
    expect(await outcome(fault, ...args)).toMatchObject(whole);
  });

  test.each([['1'], ['3']])(
    'that fail in the middle of it lose nothing of what comes before, with %s instances',
    async (instances) => {
      const failing = 2_000_000;
      const before = ROWS.filter(({ offset, length }) => offset + length <= failing);
      expect(await outcome(`EIO=${failing}`, instances)).toMatchObject({
        status: 'failed',
        items: before.length,
        last: before.at(-1)?.columns[0],
        error: {
          code: 'ERR_SOURCE_READ',
          message: expect.stringMatching(/^Cannot read '.*\.failing' at byte 2000000: EIO/),
        },
      });
    },
  );
});
