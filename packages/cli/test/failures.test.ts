import { chmod, mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { setStage, summaryOf } from './support.js';

const stage = setStage();
const CORE_MODULE = Buffer.from([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
const EMPTY_COMPONENT = Buffer.from([0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]);

/** An ingest that fails: its error, and that it is well told. */
async function failure(...args: readonly string[]): Promise<string> {
  const outcome = await stage.run('ingest', ...args, '--summary', 'json');
  expect(outcome.code).toBe(1);
  expect(outcome.stderr).not.toMatch(/^\s+at /m);
  const [, code = ''] = /^error (ERR_\w+): /.exec(outcome.stderr) ?? [];
  expect(summaryOf(outcome)).toMatchObject({ status: 'failed', errors: { [code]: 1 } });
  return outcome.stderr;
}

describe('an input that cannot be read', () => {
  test('is missing', async () => {
    expect(await failure('no.log', '-p', 'string-parser')).toMatch(
      /^error ERR_SOURCE_OPEN: There is no file 'no.log'.\n {2}help: /,
    );
  });

  test('is a directory', async () => {
    expect(await failure(stage.directory, '-p', 'string-parser')).toContain(`'${stage.directory}' is a directory`);
  });

  test.skipIf(process.getuid?.() === 0)('is unreadable', async () => {
    const file = await stage.file('secret.log', 'x');
    await chmod(file, 0);
    expect(await failure(file, '-p', 'string-parser')).toContain(file);
  });

  test('does not keep the others from being read', async () => {
    const one = await stage.file('one.log', 'one\n');
    const two = await stage.file('two.log', 'two\n');
    const outcome = await stage.run('ingest', one, 'no.log', two, '-p', 'string-parser', '--summary', 'json');
    expect(outcome.code).toBe(1);
    expect(outcome.stdout.toString()).toBe('one\ntwo\n');
    expect(outcome.stderr).toContain("There is no file 'no.log'");
    expect(summaryOf(outcome)).toMatchObject({ status: 'failed', files: 2, items: 2, errors: { ERR_SOURCE_OPEN: 1 } });
  });
});

describe('a plugin that cannot be used', () => {
  test.each([
    ['text', Buffer.from('not wasm'), /not WebAssembly/],
    ['core', CORE_MODULE, /is a core/],
    ['exports', EMPTY_COMPONENT, /exports nothing/],
  ])('is named with the reason: %s', async (name, content, expected) => {
    const file = await stage.file('x.log', 'x\n');
    const plugin = await stage.file(`${name}.wasm`, content);
    const stderr = await failure(file, '-p', plugin);
    expect(stderr).toMatch(/^error ERR_PLUGIN_INVALID: /);
    expect(stderr).toContain(plugin);
    expect(stderr).toMatch(expected);
  });

  test('is not known', async () => {
    const file = await stage.file('x.log', 'x\n');
    expect(await failure(file, '-p', 'string-parse')).toMatch(/ERR_PLUGIN_NOT_FOUND.*Did you mean 'string-parser'\?/);
    expect(await failure(file, '-p', './no.wasm')).toMatch(/ERR_PLUGIN_NOT_FOUND: There is no plugin file '.*no.wasm'/);
  });

  test('shows its stack when asked to', async () => {
    const file = await stage.file('x.log', 'x\n');
    const { stderr } = await stage.run('ingest', file, '-p', './no.wasm', '--verbose');
    expect(stderr).toMatch(/\n {6}at .*\n/);
    expect(stderr).toContain('caused by Error: ENOENT');
  });
});

describe('a configuration that does not fit', () => {
  test('has an unknown id', async () => {
    const file = await stage.file('x.log', 'x\n');
    expect(await failure(file, '-p', 'string-parser', '-c', 'lossi=true')).toMatch(
      /ERR_CONFIG: Configuration 'lossi' is unknown; expected one of: .*Did you mean 'lossy'/,
    );
  });

  test('has values of wrong types, and all are reported', async () => {
    const file = await stage.file('x.log', 'x\n');
    const stderr = await failure(file, '-p', 'string-parser', '-c', 'lossy=1', '-c', 'columns=yes');
    expect(stderr).toContain("'lossy': expected true or false, got the text '1'");
    expect(stderr).toContain("'columns': expected true or false, got the text 'yes'");
  });
});

describe('a configuration file', () => {
  const plugin = async () => stage.file('mine.wasm', await readFile(shipped()));

  test('gives plugin and values, and the command line wins', async () => {
    await plugin();
    const config = '[[config]]\nid = "prefix"\nvalue.Text = "> "\n[[config]]\nid = "columns"\nvalue.Boolean = true\n';
    const toml = await stage.file('bench.toml', `binary_path = "mine.wasm"\n${config}`);
    const file = await stage.file('x.log', 'x\n');
    const all = await stage.run('ingest', file, '--config-file', toml);
    expect(all.stdout.toString()).toBe('1\t> x\n');
    const some = await stage.run('ingest', file, '--config-file', toml, '-c', 'prefix=', '-p', 'string-parser');
    expect(some.stdout.toString()).toBe('1\tx\n');
  });

  test('names a binary that lies beside it', async () => {
    await mkdir(join(stage.directory, 'bench'));
    await stage.file('bench/beside.wasm', await readFile(shipped()));
    const toml = await stage.file('bench/bench.toml', 'binary_path = "beside.wasm"');
    const file = await stage.file('x.log', 'x\n');
    expect((await stage.run('ingest', file, '--config-file', toml)).stdout.toString()).toBe('x\n');
  });

  test('without a binary is for the only parser, or the one on the command line', async () => {
    const toml = await stage.file('no-binary.toml', '[[config]]\nid = "lossy"\nvalue.Boolean = true\n');
    const file = await stage.file('x.log', 'x\n');
    const { stderr, code } = await stage.run('ingest', file, '--config-file', toml);
    expect({ stderr, code }).toEqual({
      stderr: expect.stringContaining("note: the parser is 'string-parser'"),
      code: 0,
    });
    expect((await stage.run('ingest', file, '--config-file', toml, '-p', 'string-parser')).code).toBe(0);
  });

  test.each([
    ['no TOML', 'binary_path =', /configuration file '.*': Invalid TOML/],
    ['no list', 'config = 1', /'config' should be a list of tables/],
    ['no id', '[[config]]\nvalue.Boolean = true', /\[\[config\]\] number 1 should have an id/],
    ['no value', '[[config]]\nid = "lossy"', /number 1, 'lossy', should have one value.<type>/],
    [
      'an unknown type',
      '[[config]]\nid = "lossy"\nvalue.Bool = true',
      /should have one value.<type>, with a type of Boolean/,
    ],
    ['a type of all objects', '[[config]]\nid = "lossy"\nvalue.constructor = true', /should have one value.<type>/],
    ['another value', '[[config]]\nid = "lossy"\nvalue.Boolean = 1', /'lossy': value.Boolean should be true or false/],
    ['a path alone', '[[config]]\nid = "lossy"\nvalue.Files = "x"', /value.Files should be a list of paths/],
    [
      'an id twice',
      '[[config]]\nid = "a"\nvalue.Text = "1"\n[[config]]\nid = "a"\nvalue.Text = "2"',
      /'a' is configured twice/,
    ],
  ])('that is wrong is named: %s', async (_, content, expected) => {
    const file = await stage.file('x.log', 'x\n');
    const toml = await stage.file('wrong.toml', content);
    const stderr = await failure(file, '-p', 'string-parser', '--config-file', toml);
    expect(stderr).toMatch(/^error ERR_CONFIG_FILE: /);
    expect(stderr).toMatch(expected);
  });

  test('that is missing is named', async () => {
    const file = await stage.file('x.log', 'x\n');
    expect(await failure(file, '--config-file', 'no.toml')).toContain("There is no configuration file 'no.toml'");
  });

  test('may have ids that the plugin does not know', async () => {
    const file = await stage.file('x.log', 'x\n');
    const toml = await stage.file('unknown.toml', '[[config]]\nid = "depth"\nvalue.Integer = 1\n');
    expect(await failure(file, '-p', 'string-parser', '--config-file', toml)).toMatch(
      /ERR_CONFIG: .*'depth' is unknown/,
    );
  });
});

describe('an output', () => {
  test('is a file that is replaced', async () => {
    const file = await stage.file('x.log', 'one\ntwo\n');
    const output = await stage.file('items.txt', 'something longer that was there before');
    const { stdout, code } = await stage.run('ingest', file, '-p', 'string-parser', '--output', output);
    expect({ stdout: stdout.toString(), code }).toEqual({ stdout: '', code: 0 });
    expect(await readFile(output, 'utf8')).toBe('one\ntwo\n');
  });

  test('is never the input, under whatever name', async () => {
    const file = await stage.file('precious.log', 'one\n');
    await symlink(file, join(stage.directory, 'alias.log'));
    for (const output of [file, './precious.log', 'alias.log']) {
      const { stderr, code } = await stage.run('ingest', file, '-p', 'string-parser', '--output', output);
      expect({ stderr, code }).toEqual({
        stderr: expect.stringMatching(/'--output .*' is the same file as '.*precious.log'/),
        code: 2,
      });
    }
    expect(await readFile(file, 'utf8')).toBe('one\n');
  });

  test('is not touched when the session does not start', async () => {
    const output = await stage.file('kept.txt', 'kept');
    await failure('no.log', '-p', 'string-parser', '--output', output);
    expect(await readFile(output, 'utf8')).toBe('kept');
  });

  test('cannot be opened', async () => {
    const file = await stage.file('x.log', 'x\n');
    const stderr = await failure(file, '-p', 'string-parser', '--output', './missing/items.txt');
    expect(stderr).toMatch(/ERR_OUTPUT_OPEN: Cannot write to '.\/missing\/items.txt'/);
  });

  test.skipIf(process.platform !== 'linux')('has no room', async () => {
    const file = await stage.file('x.log', 'x\n');
    const stderr = await failure(file, '-p', 'string-parser', '--output', '/dev/full');
    expect(stderr).toMatch(
      /ERR_OUTPUT_WRITE: Cannot write to '\/dev\/full' after 0 bytes: ENOSPC.*\n {2}help: The disk is full/,
    );
  });
});

function shipped(): URL {
  return new URL('../../manager/dist/plugins/parsers/string-parser/string-parser.wasm', import.meta.url);
}
