/** Where plugins are looked for when no directory is named, and what is made there. */
import { execFile } from 'node:child_process';
import { copyFile, readdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { STRING_PARSER, setStage } from './support.js';

const stage = setStage();
const PROGRAM = fileURLToPath(new URL('home-program-fixture.mjs', import.meta.url));

interface Report {
  readonly directory: string;
  readonly states: readonly string[];
  /** After the manager was opened. */
  readonly isThere: boolean;
  readonly doctor: readonly string[];
  readonly change: string | undefined;
  readonly warnings: readonly string[];
}

const SHIPPED = [
  'file-source valid',
  'dlt-parser valid',
  'json-lines valid',
  'protobuf-parser valid',
  'string-parser valid',
  'text-format valid',
];

interface Circumstances {
  readonly plugin?: string;
  readonly create?: boolean;
  readonly cwd?: string;
  readonly uid?: number;
  readonly umask?: string;
}

async function opened(home: string | undefined, how: Circumstances = {}): Promise<Report> {
  const { plugin = '', create = false, cwd, uid, umask = '022' } = how;
  const env = { PATH: process.env.PATH, ...(home === undefined ? {} : { HOME: home }) };
  const args = ['-c', `umask ${umask} && exec "$0" "$@"`, process.execPath, PROGRAM, plugin, create ? 'create' : ''];
  const identity = uid === undefined ? {} : { uid, gid: uid };
  const { stdout } = await promisify(execFile)('sh', args, { env, ...identity, ...(cwd === undefined ? {} : { cwd }) });
  return JSON.parse(stdout) as Report;
}

describe.skipIf(process.platform === 'win32')('without a named directory', () => {
  test('nothing is made in a home before something is changed', async () => {
    const home = await stage.folder('fresh');
    expect(await opened(home)).toMatchObject({ states: SHIPPED, isThere: false, doctor: [], warnings: [] });
    expect(await readdir(home)).toEqual([]);
    const plugin = join(stage.directory, 'another.wasm');
    await copyFile(STRING_PARSER, plugin);
    expect(await opened(home, { plugin })).toMatchObject({ isThere: false, change: 'added', warnings: [] });
    expect(await opened(home)).toMatchObject({
      isThere: true,
      states: ['file-source valid', 'another valid', ...SHIPPED.slice(1)],
    });
  }, 60_000);

  test('what the program made itself is nothing that its doctor warns of, whatever the umask', async () => {
    const home = await stage.folder('masked');
    await opened(home, { create: true, umask: '002' });
    expect(await opened(home, { create: true, umask: '002' })).toMatchObject({
      isThere: true,
      doctor: [],
      warnings: [],
    });
  }, 60_000);

  test('an empty HOME counts as unset: the home of the user is used, not the working directory', async () => {
    const cwd = await stage.folder('working');
    const { directory, states } = await opened('', { cwd });
    expect(directory).toBe(join(userInfo().homedir, '.chipmunk', 'plugins'));
    expect(states).toEqual(expect.arrayContaining(SHIPPED));
    expect(await readdir(cwd)).toEqual([]);
  }, 60_000);

  test('a user without a home has the shipped plugins, and cannot change any', async ({ skip }) => {
    if (process.getuid?.() !== 0) skip('only the administrator can be somebody without an entry');
    const plugin = STRING_PARSER;
    const report = await opened(undefined, { uid: 54_321, plugin }).catch((error: Error) => error.message);
    if (typeof report === 'string' && /EACCES|Cannot find/.test(report)) skip('another user cannot read this project');
    expect(report).toMatchObject({ states: SHIPPED, change: 'ERR_STORE_WRITE', doctor: [], warnings: [] });
  }, 60_000);

  test.skipIf(process.platform !== 'linux')(
    'a home that takes no folders costs only a change (Linux: /proc)',
    async () => {
      const report = await opened('/proc', { create: true, plugin: STRING_PARSER });
      expect(report).toMatchObject({ states: SHIPPED, isThere: false, change: 'ERR_STORE_WRITE' });
    },
    60_000,
  );
});
