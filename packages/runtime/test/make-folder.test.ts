/** Folders are made, or it is said why not; nothing goes round for ever. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeFolder, makeFolderSync } from '@chipmunk-host/runtime/internal';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'make-folder-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const WAYS = [
  ['makeFolder', makeFolder],
  ['makeFolderSync', async (path: string, mode?: number) => makeFolderSync(path, mode)],
] as const;

describe.each(WAYS)('%s', (name, make) => {
  test('makes all that are missing, and is content with those that are there', async () => {
    const path = join(root, name, 'a', 'b', 'c');
    await Promise.all([make(path, 0o700), make(path, 0o700)]);
    await make(path);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    expect((await stat(join(root, name, 'a'))).mode & 0o777).toBe(0o700);
    await symlink(path, join(root, `${name}-link`));
    await make(join(root, `${name}-link`));
  });

  test('says so when a file is in the way', async () => {
    await writeFile(join(root, `${name}-file`), '');
    await expect(make(join(root, `${name}-file`))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(make(join(root, `${name}-file`, 'a', 'b'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  test.skipIf(process.platform !== 'linux')('ends where no folder can be made (Linux: /proc)', async () => {
    await expect(make('/proc/chipmunk/plugins/parsers')).rejects.toMatchObject({
      code: 'ENOENT',
      path: '/proc/chipmunk',
    });
  });
});

test.skipIf(process.platform === 'win32')('lets no other user write, whatever the umask', async () => {
  const path = join(root, 'masked', 'inner');
  const program = `import { makeFolder } from '@chipmunk-host/runtime/internal'; await makeFolder(${JSON.stringify(path)});`;
  const args = ['-c', 'umask 002 && exec "$0" --input-type=module -e "$1"', process.execPath, program];
  await promisify(execFile)('sh', args, { cwd: join(import.meta.dirname, '..', '..', 'hosts') });
  for (const folder of [path, join(root, 'masked')]) expect((await stat(folder)).mode & 0o777).toBe(0o755);
});
