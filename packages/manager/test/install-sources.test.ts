import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DirectoryFiles } from '#store/directory-files.js';
import { PluginStore } from '#store/plugin-store.js';
import { casesOf, expectNoLeftovers, loading, pluginFolder, tree, versionIn } from './store-support.js';
import { setStage } from './support.js';

const setup = casesOf(setStage());

describe('what a plugin is installed from', () => {
  test('may be a symbolic link itself', async () => {
    const { root, sources, store } = await setup();
    const folder = await pluginFolder(join(sources, 'work'), 'x', 'one');
    await symlink(folder, join(sources, 'x'));
    await symlink(join(folder, 'x.wasm'), join(sources, 'y.wasm'));
    await store.add(join(sources, 'x'));
    await store.add(join(sources, 'y.wasm'));
    expect(await tree(join(root, 'parsers'))).toEqual(['x/', 'x/README.md', 'x/x.toml', 'x/x.wasm', 'y/', 'y/y.wasm']);
  });

  test('holds no symbolic links', async () => {
    const { root, sources, store } = await setup();
    for (const file of ['x.wasm', 'x.toml', 'README.md']) {
      const folder = await pluginFolder(join(sources, file), 'x');
      await rm(join(folder, file));
      await symlink('/etc/passwd', join(folder, file));
      await expect(store.add(folder)).rejects.toMatchObject({
        code: 'ERR_STORE_SOURCE',
        message: `'${join(folder, file)}' is a symbolic link; expected a regular file.`,
      });
    }
    expect(await tree(join(root, 'parsers'))).toEqual([]);
    await expectNoLeftovers(root);
  });

  test('that is not there, a link to nothing, or of an unknown type is refused', async () => {
    const { root, sources, store } = await setup();
    await symlink(join(sources, 'nothing'), join(sources, 'dangling'));
    await writeFile(join(sources, 'x.rar'), '');
    for (const [path, message] of [
      [join(sources, 'missing'), /^There is no file or folder '.*missing'\.$/],
      [join(sources, 'dangling'), /is a symbolic link to a file that does not exist\.$/],
      [join(sources, 'x.rar'), /is of an unknown type\.$/],
      ['/dev/null', /is not a regular file\.$/],
      [join(sources, 'x.rar', 'y'), /^There is no/],
    ] as const)
      await expect(store.add(path)).rejects.toMatchObject({
        code: 'ERR_STORE_SOURCE',
        message: expect.stringMatching(message),
      });
    expect(await tree(root)).toEqual([]);
  });

  test('that vanishes while it is copied leaves nothing', async () => {
    const { root, sources, store } = await setup();
    const folder = await pluginFolder(sources, 'x');
    // Copied in many pieces, with the event loop in between.
    await truncate(join(folder, 'x.wasm'), 64 * 1024 * 1024);
    const adding = store.add(folder).then(
      () => 'added',
      (error: unknown) => error,
    );
    while (!(await tree(join(root, '.chipmunk-host', 'staging'))).some((path) => path.endsWith('x.wasm')));
    rmSync(folder, { recursive: true });
    // The binary is made in the staging folder before its source is opened.
    expect(await adding).toMatchObject({
      code: 'ERR_STORE_SOURCE',
      message: expect.stringMatching(/^'.*\/x\/x\.(wasm|toml)' no longer exists\.$/),
    });
    expect(await tree(join(root, 'parsers'))).toEqual([]);
    await expectNoLeftovers(root);
  });

  test('holds neither folders nor pipes in place of files', async () => {
    const { root, sources, store } = await setup();
    const folder = await pluginFolder(sources, 'x');
    await rm(join(folder, 'x.toml'));
    await mkdir(join(folder, 'x.toml'));
    const refused = { code: 'ERR_STORE_SOURCE', message: expect.stringContaining('it is not a regular file') };
    await expect(store.add(folder)).rejects.toMatchObject(refused);
    if (process.platform !== 'win32') {
      await rm(join(folder, 'x.toml'), { recursive: true });
      // Opening it would wait for somebody who writes to it.
      execFileSync('mkfifo', [join(folder, 'x.toml')]);
      await expect(store.add(folder)).rejects.toMatchObject(refused);
    }
    await expectNoLeftovers(root);
  });

  test('of more bytes than the limit is refused', async () => {
    const { root, sources } = await setup();
    const store = new PluginStore(new DirectoryFiles(root), loading, { maxBytes: 300_000 });
    const folder = await pluginFolder(sources, 'x');
    await store.add(folder);
    await writeFile(join(folder, 'README.md'), 'x'.repeat(300_000));
    await expect(store.update(folder)).rejects.toMatchObject({
      code: 'ERR_STORE_SOURCE',
      message: `'${folder}' contains more than 300000 bytes.`,
    });
    expect(await versionIn(join(root, 'parsers', 'x'))).toBe('one');
  });
});
