import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { setStage } from './support.js';

const stage = setStage();
const SHIPPED = new URL('../../manager/dist/plugins/parsers/string-parser/string-parser.wasm', import.meta.url);

async function json(...args: readonly string[]) {
  const { stdout, stderr, code } = await stage.run(...args, '--json');
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  return JSON.parse(stdout.toString());
}

async function text(...args: readonly string[]): Promise<string> {
  const { stdout, stderr, code } = await stage.run(...args);
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  return stdout.toString();
}

/** An error in the form of all errors, without a stack. */
async function refusal(...args: readonly string[]): Promise<string> {
  const { stdout, stderr, code } = await stage.run(...args);
  expect({ stdout: stdout.toString(), code }).toEqual({ stdout: '', code: 1 });
  expect(stderr).toMatch(/^error ERR_\w+: /);
  expect(stderr).not.toMatch(/^\s+at /m);
  return stderr;
}

/** A plugins directory with a good plugin, and one that is none. */
async function mixedDirectory(): Promise<string> {
  const directory = join(stage.directory, 'mixed');
  const install = async (name: string, binary: Uint8Array | string, files: Record<string, string>) => {
    const own = join(directory, 'parsers', name);
    await mkdir(own, { recursive: true });
    await writeFile(join(own, `${name}.wasm`), binary);
    for (const [file, content] of Object.entries(files)) await writeFile(join(own, file), content);
  };
  const title = String.raw`title = "Good\u001b[2J"`;
  await install('good', await readFile(SHIPPED), { 'good.toml': title, 'README.md': '# Good\n\u001b[31mred' });
  await install('bad', 'not wasm', {});
  return directory;
}

describe('plugins list', () => {
  test('says of each plugin whether it can be used', async () => {
    const directory = await mixedDirectory();
    const shown = await text('plugins', 'list', '--plugins-dir', directory);
    expect(shown).toMatch(/bad .*parser .*invalid/);
    expect(shown).toMatch(/good .*parser .*0\.1\.0 .*valid .*Good .*installed/);
    expect(shown).toContain("Run 'plugins doctor' to see what is wrong");
    expect(shown).not.toContain('\u001b');
    expect(await json('plugins', 'list', '--plugins-dir', directory, '--kind', 'bytesource')).toMatchObject([
      { name: 'file-source', state: 'valid' },
    ]);
  });
});

describe('plugins show', () => {
  test('shows configuration with defaults, columns, README and state', async () => {
    const directory = await mixedDirectory();
    const shown = await text('plugins', 'show', 'good', '--plugins-dir', directory);
    expect(shown).toMatch(/^Name +good$/m);
    expect(shown).toMatch(/^State +valid$/m);
    expect(shown).toMatch(/^SHA-256 +[0-9a-f]{64}$/m);
    expect(shown).toMatch(/lossy .*Replace invalid text .*true or false .*false/);
    expect(shown).toContain('Items are lines.');
    expect(shown).toMatch(/README\.md\n\n {2}# Good\n {2}red/);
    expect(shown).not.toContain('\u001b');
  });

  test('says why an invalid one is', async () => {
    const directory = await mixedDirectory();
    const shown = await text('plugins', 'show', 'bad', '--plugins-dir', directory);
    expect(shown).toMatch(/^State +invalid$/m);
    expect(shown).toMatch(/error ERR_PLUGIN_INVALID: .*not WebAssembly/);
  });

  test('is data when asked for', async () => {
    expect(await json('plugins', 'show', 'string-parser')).toMatchObject({
      name: 'string-parser',
      state: 'valid',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      info: {
        version: { major: 0 },
        configSchemas: [{ id: 'lossy' }, { id: 'prefix' }, { id: 'columns' }, { id: 'encoding' }],
      },
      configJsonSchema: { properties: { lossy: { type: 'boolean', default: false } } },
      profiles: [],
      readmeText: expect.stringContaining('# Text lines'),
    });
  });

  test('knows what was probably meant', async () => {
    expect(await refusal('plugins', 'show', 'string-parse')).toMatch(
      /ERR_PLUGIN_NOT_FOUND: There is no plugin 'string-parse'\. Did you mean 'string-parser'\?/,
    );
  });
});

describe('plugins config', () => {
  test('makes a profile of values, which ingest takes, and deletes it again', async () => {
    const file = await stage.file('x.log', 'x\n');
    expect(await text('plugins', 'config', 'string-parser', 'prefix=> ', 'columns=true', '--save', 'bench')).toBe(
      "Saved the profile 'bench' of the parser 'string-parser'; use it with 'ingest --profile'.\n",
    );
    expect(await json('plugins', 'config', 'string-parser', '--profiles')).toEqual(['bench']);
    expect(await text('ingest', file, '-p', 'string-parser', '--profile', 'bench')).toBe('1\t> x\n');
    expect(await text('ingest', file, '-p', 'string-parser', '--profile', 'bench', '-c', 'columns=false')).toBe(
      '> x\n',
    );
    expect(await json('plugins', 'config', 'string-parser', 'prefix=#', '--profile', 'bench')).toEqual({
      lossy: false,
      prefix: '#',
      columns: true,
      encoding: 'utf-8',
    });
    expect(await text('plugins', 'config', 'string-parser', '--delete', 'bench')).toMatch(
      /^Deleted the profile 'bench'/,
    );
    expect(await refusal('ingest', file, '-p', 'string-parser', '--profile', 'bench')).toMatch(
      /ERR_PROFILE: .* has no profile 'bench'\. None is saved/,
    );
  });

  test('without values and a terminal shows the defaults', async () => {
    expect(await json('plugins', 'config', 'string-parser')).toEqual({
      lossy: false,
      prefix: '',
      columns: false,
      encoding: 'utf-8',
    });
    expect(await text('plugins', 'config', 'string-parser')).toMatch(/lossy .*false .*by default/);
  });

  test('takes values from a file', async () => {
    const toml = await stage.file('v.toml', '[[config]]\nid = "prefix"\nvalue.Text = "> "\n');
    expect(await json('plugins', 'config', 'string-parser', '--file', toml)).toMatchObject({ prefix: '> ' });
  });

  test('tells all faults at once, and saves nothing then', async () => {
    const stderr = await refusal('plugins', 'config', 'string-parser', 'losy=true', 'lossy=1', '--save', 'faulty');
    expect(stderr).toMatch(/'losy' is unknown; .* Did you mean 'lossy'\?\n.*'lossy': expected true or false/);
    expect(await json('plugins', 'config', 'string-parser', '--profiles')).toEqual([]);
  });

  test('prints the JSON Schema', async () => {
    expect(JSON.parse(await text('plugins', 'config', 'string-parser', '--schema'))).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'Text lines',
    });
  });

  test.each([
    [['--schema', '--profiles'], /these options cannot be combined: --profiles, --schema/],
    [['--delete', 'a', 'lossy=true'], /these options cannot be combined: --delete, values/],
    [['lossy'], /'lossy' is invalid.*Expected 'id=value'/],
  ])('is exit code 2 for options that cannot be combined: %j', async (args, expected) => {
    const { stdout, stderr, code } = await stage.run('plugins', 'config', 'string-parser', ...args);
    expect({ stdout: stdout.toString(), code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toMatch(expected);
  });
});

test('plugins reload loads all of them anew, and says how many are no good', async () => {
  const directory = await mixedDirectory();
  expect(await text('plugins', 'reload', '--plugins-dir', directory)).toBe(
    "Loaded 8 plugins, 1 of them cannot be used: 'plugins doctor' says why.\n",
  );
});

describe('plugins logs', () => {
  test('shows what loading did, with time and level', async () => {
    const directory = await mixedDirectory();
    const shown = await text('plugins', 'logs', 'bad', '--reload', '--plugins-dir', directory);
    expect(shown).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z error .*not WebAssembly/m);
    const lines = await json('plugins', 'logs', 'bad', '--reload', '--plugins-dir', directory);
    expect(lines).toContainEqual({ time: expect.any(Number), level: 'error', message: expect.any(String) });
  });
});

describe('plugins doctor', () => {
  test('says what is wrong with each plugin and what to do, and exits with 1', async () => {
    const directory = await mixedDirectory();
    const { stdout, stderr, code } = await stage.run('plugins', 'doctor', '--plugins-dir', directory);
    expect({ stderr, code }).toEqual({ stderr: '', code: 1 });
    expect(stdout.toString()).toMatch(/^error: parser 'bad'\n {2}.*not WebAssembly.*\n {2}help: .+\n/m);
    expect(stdout.toString()).toMatch(/^2 plugins in .*mixed, 6 shipped: 1 error, \d+ warnings?\.$/m);
    const asData = await stage.run('plugins', 'doctor', '--plugins-dir', directory, '--json');
    expect(asData.code).toBe(1);
    expect(JSON.parse(asData.stdout.toString()).findings).toContainEqual(
      expect.objectContaining({
        severity: 'error',
        subject: { kind: 'plugin', plugin: { kind: 'parser', name: 'bad' } },
      }),
    );
  });

  test('is content with what is well, and strict when asked to be', async () => {
    const directory = join(stage.directory, 'well');
    for (const folder of ['', 'parsers', 'bytesources', '.chipmunk-host'])
      await mkdir(join(directory, folder), { mode: 0o755 });
    expect(await text('plugins', 'doctor', '--strict', '--plugins-dir', directory)).toMatch(
      /^0 plugins in .*well, 6 shipped: nothing is wrong\.\n$/,
    );
    await mkdir(join(directory, 'parsers', 'empty'));
    expect(await text('plugins', 'doctor', '--plugins-dir', directory)).toMatch(/empty\.wasm is missing/);
    expect((await stage.run('plugins', 'doctor', '--strict', '--plugins-dir', directory)).code).toBe(1);
  });
});

describe('decisions', () => {
  test('a plugin that is disabled is not run until it is enabled', async () => {
    const directory = await mixedDirectory();
    const at = ['--plugins-dir', directory];
    const file = await stage.file('x.log', 'x\n');
    expect(await text('plugins', 'disable', 'good', ...at)).toMatch(/^Disabled the parser 'good'.*: it does not run/);
    expect(await refusal('ingest', file, '-p', 'good', ...at)).toMatch(/ERR_PLUGIN_DISABLED.*\n {2}help: Enable it/);
    expect(await json('plugins', 'list', ...at)).toContainEqual(
      expect.objectContaining({ name: 'good', state: 'disabled' }),
    );
    await text('plugins', 'enable', 'good', ...at);
    expect(await text('ingest', file, '-p', 'good', ...at)).toBe('x\n');
  });

  test('a plugin that is pinned is not run with another binary until that is accepted', async () => {
    const directory = await mixedDirectory();
    const at = ['--plugins-dir', directory];
    const file = await stage.file('x.log', 'x\n');
    const { hash } = await json('plugins', 'show', 'good', ...at);
    expect(await text('plugins', 'pin', 'good', ...at)).toMatch(new RegExp(`is pinned to ${hash}\\.\n$`));
    expect(await text('ingest', file, '-p', 'good', ...at)).toBe('x\n');

    const binary = join(directory, 'parsers/good/good.wasm');
    await writeFile(binary, Buffer.concat([await readFile(SHIPPED), Buffer.from([0, 5, 1, 0x78, 1, 2, 3])]));
    expect(await refusal('ingest', file, '-p', 'good', ...at)).toMatch(/ERR_PLUGIN_CHANGED/);
    expect(await text('plugins', 'list', ...at)).toMatch(/good .*changed though pinned/);
    await text('plugins', 'pin', 'good', '--accept', ...at);
    expect(await text('ingest', file, '-p', 'good', ...at)).toBe('x\n');
    expect(await text('plugins', 'pin', 'good', '--remove', ...at)).toMatch(/is no longer pinned/);
    const wrong = await stage.run('plugins', 'pin', 'good', '--remove', '--accept', ...at);
    expect(wrong.code).toBe(2);
  });
});
