/** Failures that the system is to blame for are told from those of plugins. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  deserializeError,
  EnvironmentError,
  HostError,
  PluginInvalidError,
  PluginTrapError,
  serializeError,
} from '@chipmunk-host/runtime';
import { environmentFault } from '@chipmunk-host/runtime/internal';
import { describe, expect, test } from 'vitest';

const PROGRAM = fileURLToPath(new URL('environment-program-fixture.mjs', import.meta.url));
/** Node.js itself needs 3 GB of address space; a memory takes some 10. */
const ADDRESS_SPACE = 'ulimit -v 25165824';
const GONE = 'mkdir "$1/gone" && cd "$1/gone" && rmdir "$1/gone"';

/** @param prepare shell code that the program is started behind; its `$1` is a folder of its own */
async function failing(name: string, prepare: string, flags = ''): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'environment-'));
  try {
    const script = `${prepare} && exec "$2" ${flags} "$3" "$4" "$1"`;
    const { stdout } = await promisify(execFile)('sh', ['-c', script, 'sh', folder, process.execPath, PROGRAM, name]);
    return JSON.parse(stdout) as Record<string, string>;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe.skipIf(process.platform !== 'linux')(
  'what the system refuses is an EnvironmentError (Linux: ulimit -v)',
  () => {
    test.each<[name: string, prepare: string, flags: string, help: RegExp]>([
      ['memory', ADDRESS_SPACE, '', /address space/],
      ['shared memory', ADDRESS_SPACE, '', /address space/],
      ['instance', ADDRESS_SPACE, '', /address space/],
      ['asynchronous instance', ADDRESS_SPACE, '', /address space/],
      ['buffer', ADDRESS_SPACE, '', /address space|memory/],
      ['descriptors', 'ulimit -n 100', '', /ulimit -n/],
      ['working directory', GONE, '', /working directory .* was deleted/],
      ['thread without a working directory', GONE, '', /working directory .* was deleted/],
      ['no WebAssembly', 'true', '--jitless', /without --jitless/],
      ['missing WebAssembly', 'true', '--jitless', /without --jitless/],
      ['unwritable folder', 'true', '', /that the system reports/],
    ])(
      '%s',
      async (name, prepare, flags, help) => {
        const fault = await failing(name, prepare, flags);
        expect(fault.code, fault.message).toBe('ERR_ENVIRONMENT');
        expect(fault.help).toMatch(help);
      },
      60_000,
    );
  },
);

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown.');
}

describe('what is not the system’s doing', () => {
  const recursing = (): unknown => [recursing()];
  const noModule = Buffer.from([1, 2, 3]);
  test.each<[string, unknown]>([
    ['endless recursion', thrownBy(recursing)],
    ['bytes that are no module', thrownBy(() => new WebAssembly.Module(noModule))],
    ['a trap', new PluginTrapError('It trapped.', { cause: new WebAssembly.RuntimeError('unreachable') })],
    ['an array that is too long', thrownBy(() => new Uint8Array(-1))],
    ['what a plugin says of itself', new PluginInvalidError('Out of memory')],
    [
      'a source that cannot be opened',
      sourceError(Object.assign(new Error('ENOENT'), { code: 'ENOENT', syscall: 'open' })),
    ],
    ['a text', 'EMFILE'],
  ])('%s', (_, thrown) => {
    expect(environmentFault(thrown, 'It failed')).toBeUndefined();
  });
});

function sourceError(cause: Error): HostError {
  return new HostError('ERR_SOURCE_OPEN', 'There is no such file.', { cause });
}

test('causes are looked at, and the error crosses threads as what it is', () => {
  const cause = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE', syscall: 'open' });
  const fault = environmentFault(new PluginTrapError('The plugin trapped.', { cause }), 'It failed');
  const copy = deserializeError(serializeError(fault));
  expect(copy).toBeInstanceOf(EnvironmentError);
  expect(copy).toMatchObject({ code: 'ERR_ENVIRONMENT', message: 'It failed: EMFILE: too many open files' });
  expect(environmentFault(copy, 'Again')).toBe(copy);
});
