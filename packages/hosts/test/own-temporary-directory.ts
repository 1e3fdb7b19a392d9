/** Before each file of tests: a temporary directory of its own, since tests look at what is left there while other files run. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const before = process.env.TMPDIR;
const directory = mkdtempSync(join(tmpdir(), 'hosts-test-'));
// As `/tmp` is: a test that runs a program as another user puts files for it there.
chmodSync(directory, 0o1777);
process.env.TMPDIR = directory;

afterAll(() => {
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  rmSync(directory, { recursive: true, force: true });
});
