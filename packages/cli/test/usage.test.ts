import { readFile } from 'node:fs/promises';
import { PluginsManager } from '@chipmunk-host/manager';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { createProgram } from '#program.js';
import { setStage } from './support.js';

const stage = setStage();

describe('wrong usage', () => {
  test.each([
    ['an unknown option', ['ingest', 'x.log', '--outptu', 'y'], /unknown option '--outptu'\s.*Did you mean --output/],
    ['an unknown command', ['ingets'], /unknown command 'ingets'\s.*Did you mean ingest/],
    [
      'no file',
      ['ingest', '--parser', 'string-parser'],
      /name a file to read, '-' for standard input, or a plugin with '--source'/,
    ],
    ['files and a source', ['ingest', 'x.log', '--source', 'x', '-p', 'y'], /name files or a '--source', not both/],
    ['standard input twice', ['ingest', '-', '-', '-p', 'y'], /'-', can be read only once/],
    [
      'nothing to follow',
      ['ingest', '--follow', '-p', 'y'],
      /'--follow' needs files or a source; name a file to follow/,
    ],
    ['values for no source', ['ingest', 'x.log', '--source-config', 'a=1', '-p', 'y'], /name one with '--source'/],
    [
      'a deadline in words',
      ['ingest', 'x.log', '-p', 'y', '--deadline', '1s'],
      /'1s' is invalid. Expected a whole number/,
    ],
    ['too much memory', ['ingest', 'x.log', '-p', 'y', '--memory', '4097'], /a whole number from 1 to 4096, or 'none'/],
    ['no memory', ['ingest', 'x.log', '-p', 'y', '--memory', '0'], /or 'none' for no limit/],
    ['no time', ['ingest', 'x.log', '-p', 'y', '--deadline', '0'], /or 'none' for no limit/],
    ['no gaps', ['ingest', 'x.log', '-p', 'y', '--max-gaps', '0'], /or 'none' for no limit/],
    ['endless gaps', ['ingest', 'x.log', '-p', 'y', '--max-gaps', 'Infinity'], /or 'none' for no limit/],
    ['less than no restarts', ['ingest', 'x.log', '-p', 'y', '--max-restarts=-1'], /'-1' is invalid/],
    ['a variable without a name', ['ingest', 'x.log', '-p', 'y', '--env', '=1'], /Expected 'NAME' or 'NAME=VALUE'/],
    ['a variable that is not set', ['ingest', 'x.log', '-p', 'y', '--env', 'NO_SUCH_ONE'], /'NO_SUCH_ONE=VALUE'/],
    [
      'no instances',
      ['ingest', 'x.log', '-p', 'y', '--parallel', '0'],
      /'0' is invalid. Expected a whole number from 1 to/,
    ],
    ['countless instances', ['ingest', 'x.log', '--parallel', '2147483647'], /Expected a whole number from 1 to \d+\./],
    [
      'files of stdout',
      ['ingest', 'x.log', '-o', '-', '--rotate-every', '1h'],
      /'--rotate-every' needs a file; name one/,
    ],
    ['quiet and verbose', ['ingest', 'x.log', '-qv'], /cannot be used with option '-v, --verbose'/],
    ['an empty directory', ['ingest', 'x.log', '--plugins-dir', ''], /Expected a path/],
    [
      'an unknown format',
      ['ingest', 'x.log', '-p', 'y', '--format', 'xml'],
      /'xml' is invalid.*text, ndjson, csv, arrow, arrow-file, raw, msgpack, none/,
    ],
    ['an unknown summary', ['ingest', 'x.log', '-p', 'y', '--summary', 'xml'], /'xml' is invalid.*text, json/],
    ['a value without an id', ['ingest', 'x.log', '-p', 'y', '--config', '=1'], /'=1' is invalid. Expected 'id=value'/],
    [
      'an id without a value',
      ['ingest', 'x.log', '-p', 'y', '--config', 'lossy'],
      /'lossy' is invalid. Expected 'id=value'/,
    ],
    ['no command', [], /Usage: chipmunk-host/],
  ])('is exit code 2 and says what is wrong: %s', async (_, args, expected) => {
    const { stdout, stderr, code } = await stage.run(...args);
    expect(code).toBe(2);
    expect(stdout.toString()).toBe('');
    expect(stderr).toMatch(expected);
  });
});

describe('help', () => {
  test.each([
    [['--help'], /Usage: chipmunk-host/],
    [['ingest', '--help'], /--source.*--config-file.*Exit codes: 0 done, 1 a session failed, 2 wrong usage/s],
    [['plugins', 'list', '--help'], /--json/],
  ])('is what was asked for: %j', async (args, expected) => {
    const { stdout, stderr, code } = await stage.run(...args);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout.toString()).toMatch(expected);
  });

  test('names the version', async () => {
    const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
    expect((await stage.run('--version')).stdout.toString()).toBe(`${version}\n`);
  });
});

test('README.md names every command and option', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const missing: string[] = [];
  const visit = (command: Command): void => {
    for (const { long } of command.options)
      if (long !== '--version' && !readme.includes(`\`${long}`) && !readme.includes(`[${long}]`))
        missing.push(String(long));
    for (const inner of command.createHelp().visibleCommands(command)) {
      if (inner.name() !== 'help' && !readme.includes(inner.name())) missing.push(inner.name());
      visit(inner);
    }
  };
  visit(createProgram(() => {}));
  expect(missing).toEqual([]);
});

test('--parallel takes as many instances as a manager runs at once', async () => {
  await using manager = await PluginsManager.open({ directory: stage.directory, load: 'lazy' });
  const { stderr } = await stage.run('ingest', 'x.log', '--parallel', '0');
  expect(stderr).toContain(`from 1 to ${manager.usage.maxInstances}.`);
});

describe('variables of the environment', () => {
  test('give the plugins directory and the format, and options win over them', async () => {
    await stage.file('x.log', 'x\n');
    const set = { CHIPMUNK_HOST_PLUGINS_DIR: './missing', CHIPMUNK_HOST_FORMAT: 'ndjson' };
    Object.assign(stage.env, set);
    try {
      expect((await stage.run('plugins', 'list')).stderr).toMatch(/directory '.*missing' does not exist/);
      const args = ['ingest', 'x.log', '-p', 'string-parser', '--plugins-dir', '.'];
      expect((await stage.run(...args)).stdout.toString()).toBe('{"offset":0,"length":2,"text":"x"}\n');
      expect((await stage.run(...args, '-f', 'text')).stdout.toString()).toBe('x\n');
    } finally {
      for (const name of Object.keys(set)) delete stage.env[name];
    }
    const { stdout } = await stage.run('ingest', '--help');
    for (const name of Object.keys(set)) expect(stdout.toString()).toContain(name);
  });
});

describe('plugins list', () => {
  test('shows what is shipped', async () => {
    const { stdout, stderr, code } = await stage.run('plugins', 'list');
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout.toString()).toMatch(/string-parser.*parser.*Text lines/);
  });

  test('is JSON when asked for', async () => {
    const { stdout } = await stage.run('plugins', 'list', '--json', '--plugins-dir', stage.directory);
    expect(JSON.parse(stdout.toString())).toMatchObject([
      { name: 'file-source', kind: 'bytesource', origin: 'bundled' },
      { name: 'dlt-parser', kind: 'parser', origin: 'bundled' },
      { name: 'json-lines', kind: 'parser', origin: 'bundled' },
      { name: 'protobuf-parser', kind: 'parser', origin: 'bundled' },
      { name: 'string-parser', kind: 'parser', origin: 'bundled' },
      { name: 'text-format', kind: 'parser', origin: 'bundled' },
    ]);
  });

  test('needs a directory that is there', async () => {
    const { stdout, stderr, code } = await stage.run('plugins', 'list', '--plugins-dir', './missing');
    expect(code).toBe(1);
    expect(stdout.toString()).toBe('');
    expect(stderr).toMatch(/^error ERR_PLUGIN_NOT_FOUND: The plugins directory '.*missing' does not exist/);
  });
});
