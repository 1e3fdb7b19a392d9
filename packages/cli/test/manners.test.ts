/** What the command does where less is said than could be: which parser, which folder, how much on stderr. */
import { copyFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildFragile } from '@chipmunk-host/test-plugins';
import { beforeAll, describe, expect, test } from 'vitest';
import { setStage } from './support.js';

const stage = setStage();
const SHIPPED = fileURLToPath(
  new URL('../../manager/dist/plugins/parsers/string-parser/string-parser.wasm', import.meta.url),
);

beforeAll(async () => {
  await stage.file('x.log', 'one\nBAD\ntwo\n');
  await stage.file('fragile.wasm', await buildFragile());
});

async function pluginsDirectory(name: string, parsers: readonly string[]): Promise<string> {
  for (const parser of parsers) {
    const own = join(stage.directory, name, 'parsers', parser);
    await mkdir(own, { recursive: true });
    await copyFile(SHIPPED, join(own, `${parser}.wasm`));
  }
  await mkdir(join(stage.directory, name), { recursive: true });
  return name;
}

describe('without --parser', () => {
  test.each([
    [
      'the shipped one is taken where none is installed',
      [],
      /^note: the parser is 'string-parser' \(none is installed/,
    ],
    ['the only one that is installed is taken', ['mine'], /^note: the parser is 'mine' \(the only one installed\)/],
  ])('%s, and it is said', async (name, parsers, note) => {
    const args = ['ingest', 'x.log', '--plugins-dir', await pluginsDirectory(name, parsers)];
    const { stdout, stderr, code } = await stage.run(...args);
    expect({ stdout: stdout.toString(), code }).toEqual({ stdout: 'one\nBAD\ntwo\n', code: 0 });
    expect(stderr).toMatch(note);
    expect((await stage.run(...args, '--quiet')).stderr).toBe('');
  });

  test('one of several has to be named', async () => {
    const directory = await pluginsDirectory('several', ['one', 'two']);
    const { stderr, code } = await stage.run('ingest', 'x.log', '--plugins-dir', directory);
    expect({ stderr, code }).toEqual({
      stderr: "error: there are several parsers (one, two); name one with '--parser'\n",
      code: 2,
    });
    await stage.run('plugins', 'disable', 'one', '--plugins-dir', directory);
    expect((await stage.run('ingest', 'x.log', '--plugins-dir', directory)).code).toBe(0);
  });
});

describe('ingest', () => {
  const args = ['ingest', 'x.log', '-p', './fragile.wasm', '-f', 'none'];

  test('is silent about gaps only when it is asked to be quiet', async () => {
    expect((await stage.run(...args)).stderr).toContain('1 gap, 4 bytes given up');
    expect(await stage.run(...args, '--quiet')).toMatchObject({ stderr: '', code: 0 });
    expect((await stage.run(...args, '--quiet', '--summary', 'json')).stderr).toMatch(/^\{"status":"completed"/);
    expect((await stage.run('ingest', 'none.log', '-p', './fragile.wasm', '-q')).stderr).toMatch(
      /^error ERR_SOURCE_OPEN/,
    );
  });

  test('gives up after as many gaps in a row as it is told', async () => {
    await stage.file('bad.log', 'BAD\n'.repeat(12));
    const bad = ['ingest', 'bad.log', '-p', './fragile.wasm', '-f', 'none', '--summary', 'json', '--max-gaps'];
    expect((await stage.run(...bad, '2')).code).toBe(1);
    expect((await stage.run(...bad, 'none')).code).toBe(0);
  });

  test('says nothing of a plugins directory with things that are no plugins', async () => {
    const directory = await pluginsDirectory('junk', []);
    await mkdir(join(stage.directory, directory, 'parsers', 'junk'), { recursive: true });
    await writeFile(join(stage.directory, directory, 'parsers', 'stray.txt'), '');
    const at = ['--plugins-dir', directory];
    expect((await stage.run('ingest', 'x.log', '-p', 'string-parser', ...at)).stderr).toBe('');
    expect((await stage.run('plugins', 'show', 'string-parser', ...at)).stderr).toBe('');
    expect((await stage.run('plugins', 'list', ...at)).stderr).toMatch(/^warning: .*junk/m);
    expect((await stage.run('doctor', ...at)).stdout.toString()).toMatch(/junk/);
  });
});

describe('plugins', () => {
  test('show takes the path of a binary that is not installed', async () => {
    const { stdout, stderr, code } = await stage.run('plugins', 'show', './fragile.wasm');
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout.toString()).toMatch(
      /^Name +fragile\nKind +parser\nState +not installed\nVersion +4\.5\.6\nFile +.*fragile\.wasm\nSHA-256 +[\da-f]{64}\n/,
    );
    const asData = await stage.run('plugins', 'show', './fragile.wasm', '--json');
    expect(JSON.parse(asData.stdout.toString())).toMatchObject({ name: 'fragile', info: { kind: 'parser' } });
    expect((await stage.run('plugins', 'show', './none.wasm')).stderr).toMatch(/^error ERR_\w+: .*none\.wasm/);
  });

  test('add takes the folder that a build leaves', async () => {
    const directory = await pluginsDirectory('added', []);
    await mkdir(join(stage.directory, 'dist'));
    await cp(SHIPPED, join(stage.directory, 'dist', 'my-parser.wasm'));
    await stage.file('dist/my-parser.toml', 'title = "Mine"');
    await stage.file('dist/README.md', '# Mine');
    const { stdout, stderr } = await stage.run('plugins', 'add', 'dist', '--plugins-dir', directory);
    expect(stderr).toBe('');
    expect(stdout.toString()).toMatch(/^Added parser 'my-parser' /);
    const own = join(stage.directory, directory, 'parsers', 'my-parser');
    expect(await readFile(join(own, 'README.md'), 'utf8')).toBe('# Mine');
  });

  test('add says that a mistyped path is not there', async () => {
    const { stderr } = await stage.run('plugins', 'add', './mistyped');
    expect(stderr).toMatch(
      /^error ERR_STORE_SOURCE: There is no file or folder '.*mistyped'\.\n {2}help: Check the path\.\n$/,
    );
  });

  test('list shows pins, and no statistics of sessions that it never has', async () => {
    const directory = await pluginsDirectory('pinned', ['mine']);
    await stage.run('plugins', 'pin', 'mine', '--plugins-dir', directory);
    const shown = await stage.run('plugins', 'list', '--plugins-dir', directory);
    expect(shown.stdout.toString()).toMatch(/mine .*valid, pinned/);
    const { stdout } = await stage.run('plugins', 'list', '--json', '--plugins-dir', directory);
    for (const entry of JSON.parse(stdout.toString())) expect(entry).not.toHaveProperty('statistics');
  });
});
