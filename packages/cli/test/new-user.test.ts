/**
 * What somebody does who comes with a plugin folder as Chipmunk's own documentation shows it, and a home that has seen neither
 * host before: `name/name.wasm`, `name.toml`, `README.md`.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Outcome, setStage } from './support.js';

const stage = setStage();
const SHIPPED = new URL('../../manager/dist/plugins/parsers/string-parser/string-parser.wasm', import.meta.url);

async function pluginFolder(name: string, binary: Uint8Array): Promise<string> {
  const folder = join(stage.directory, name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.wasm`), binary);
  await writeFile(join(folder, `${name}.toml`), 'title = "My parser"\ndescription = "Splits my logs"\n');
  await writeFile(join(folder, 'README.md'), '# My parser\n\nTakes lines.\n');
  return folder;
}

const installed = (name: string) => join(stage.directory, 'home/.chipmunk/plugins/parsers', name);
const good = ({ stderr, code }: Outcome) => expect({ stderr, code }).toEqual({ stderr: '', code: 0 });

test('a plugin is added, listed, shown, used and removed', async () => {
  await pluginFolder('my-parser', await readFile(SHIPPED));
  const log = await stage.file('app.log', 'one\ntwo\n');

  const added = await stage.run('plugins', 'add', 'my-parser');
  good(added);
  expect(added.stdout.toString()).toBe(`Added parser 'my-parser' 0.1.0 in ${installed('my-parser')}.\n`);
  expect((await readdir(installed('my-parser'))).sort()).toEqual(['README.md', 'my-parser.toml', 'my-parser.wasm']);

  const listed = await stage.run('plugins', 'list');
  good(listed);
  expect(listed.stdout.toString()).toMatch(/my-parser .*parser .*0\.1\.0 .*valid .*My parser .*installed/);

  const shown = await stage.run('plugins', 'show', 'my-parser');
  good(shown);
  expect(shown.stdout.toString()).toContain('Splits my logs');
  expect(shown.stdout.toString()).toMatch(/# My parser\n\n {2}Takes lines\./);
  expect(shown.stdout.toString()).toMatch(/lossy .*true or false .*false/);

  const ingested = await stage.run('ingest', log, '--parser', 'my-parser', '--config', 'prefix=> ');
  good(ingested);
  expect(ingested.stdout.toString()).toBe('> one\n> two\n');

  const removed = await stage.run('plugins', 'remove', 'my-parser');
  good(removed);
  expect(removed.stdout.toString()).toBe("Removed the parser 'my-parser' 0.1.0.\n");
  expect(await readdir(join(installed('my-parser'), '..'))).toEqual([]);
  const gone = await stage.run('ingest', log, '--parser', 'my-parser');
  expect(gone.code).toBe(1);
  expect(gone.stderr).toMatch(/^error ERR_PLUGIN_NOT_FOUND: There is no parser plugin 'my-parser'/);
});

describe('a change', () => {
  test('of a plugin that is installed is an update, and is taken back by a rollback', async () => {
    const folder = await pluginFolder('changing', await readFile(SHIPPED));
    good(await stage.run('plugins', 'add', folder));

    const again = await stage.run('plugins', 'add', folder);
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/^error ERR_STORE_TAKEN: .*'changing' is installed.*\n {2}help: Update it/);

    // A custom section makes it another binary that does the same.
    await pluginFolder('changing', Buffer.concat([await readFile(SHIPPED), Buffer.from([0, 5, 1, 0x78, 1, 2, 3])]));
    const updated = await stage.run('plugins', 'update', folder);
    good(updated);
    expect(updated.stdout.toString()).toMatch(/^Updated parser 'changing' 0\.1\.0; 'plugins rollback' brings back/);
    const rolledBack = await stage.run('plugins', 'rollback', 'changing', '--json');
    good(rolledBack);
    const hashOf = async () =>
      JSON.parse((await stage.run('plugins', 'show', 'changing', '--json')).stdout.toString()).hash;
    expect(JSON.parse(rolledBack.stdout.toString())).toMatchObject({ name: 'changing', hash: await hashOf() });
    expect(await readFile(join(installed('changing'), 'changing.wasm'))).toEqual(await readFile(SHIPPED));
  });

  test('that cannot be made says why, and changes nothing', async () => {
    const folder = await pluginFolder('broken', Buffer.from('not wasm'));
    for (const args of [
      ['add', folder],
      ['add', 'missing.zip'],
      ['remove', 'broken'],
      ['rollback', 'string-parser'],
    ]) {
      const { stdout, stderr, code } = await stage.run('plugins', ...args);
      expect({ stdout: stdout.toString(), code }).toEqual({ stdout: '', code: 1 });
      expect(stderr).toMatch(/^error ERR_\w+: .+\n( {2}help: .+\n)?$/);
    }
    const { stdout } = await stage.run('plugins', 'list', '--json');
    expect(JSON.parse(stdout.toString())).not.toContainEqual(expect.objectContaining({ name: 'broken' }));
  });

  test('of everything that is known is a reload', async () => {
    const { stdout } = await stage.run('plugins', 'reload', 'string-parser');
    expect(stdout.toString()).toBe('Loaded 1 plugin.\n');
  });
});
