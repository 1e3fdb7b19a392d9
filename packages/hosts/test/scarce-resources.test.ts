/** A machine that has no thread or no descriptor to spare: sessions fail and say why, the process goes on, and so do later sessions. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultyPlugin } from './faults/faulty-plugin.mjs';
import { STRING_PARSER } from './support.js';

const FIXTURE = join(import.meta.dirname, 'scarce-resources-fixture.mjs');

let directory: string;
let faulty: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hosts-test-'));
  faulty = join(directory, 'faulty.wasm');
  await writeFile(faulty, await faultyPlugin(), { mode: 0o644 });
  // Another user reads it.
  execFileSync('chmod', ['755', directory]);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const canLimitThreads = process.platform === 'linux' && hasPrlimit();

describe('without a free', () => {
  test.skipIf(process.platform === 'win32')('descriptor', () => runOutOf('descriptors'));
  // Needs Linux and prlimit (util-linux).
  test.skipIf(!canLimitThreads)('thread', () => runOutOf('threads'));
});

async function runOutOf(what: 'descriptors' | 'threads'): Promise<void> {
  // The limit does not hold for root. Nobody else uses this number.
  const user = what === 'threads' && process.getuid?.() === 0 ? { uid: 54_321, gid: 54_321 } : {};
  const child = spawn(process.execPath, [FIXTURE, what, STRING_PARSER, faulty], {
    stdio: ['pipe', 'pipe', 'pipe'],
    ...user,
  });
  let errors = '';
  child.stderr.on('data', (text) => (errors += text));
  const lines: string[] = [];
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)));
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.endsWith('threads, please')) {
      lines.push(line);
      continue;
    }
    // Fewer than this user runs already, and more than it needs.
    const soft = line.startsWith('few') ? 1 : 4096;
    await promisify(execFile)('prlimit', ['--pid', String(child.pid), `--nproc=${soft}:`], user);
    child.stdin.write('done\n');
  }
  expect(await ended, errors).toBe(0);
  const [before, meanwhile = '', after, alive] = lines;
  expect(before).toBe('before: 3 items');
  // One of the sessions finds the thread that is there. No plugin is blamed for what the machine lacks.
  expect(meanwhile).toContain("ERR_ENVIRONMENT: The plugin's thread could not be started");
  expect(meanwhile).not.toMatch(/ERR_PLUGIN_(LOST|TRAP|INVALID)/);
  expect([after, alive]).toEqual(['after: 3 items, 3 items, 3 items', 'alive']);
}

function hasPrlimit(): boolean {
  try {
    execFileSync('prlimit', ['--version']);
    return true;
  } catch {
    return false;
  }
}
