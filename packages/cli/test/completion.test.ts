import { spawnSync } from 'node:child_process';
import { chmod, mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { completionsOf, type NameSource } from '#completion/completions.js';
import { SCRIPTS, SHELLS } from '#completion/shell-scripts.js';
import { createProgram } from '#program.js';
import { setStage } from './support.js';

const stage = setStage();

const NAMES: NameSource = {
  sources: async () => ['tcp://', 'tcp-listen://', 'exec:'].map((word) => ({ word, description: '' })),
  plugins: async ({ options }) => [{ word: options.get('pluginsDir') ?? 'dlt', description: 'DLT' }],
  profiles: async ({ options, operands }) => [
    { word: `${options.get('parser') ?? operands[0]}-bench`, description: '' },
  ],
};

async function complete(...words: readonly string[]) {
  const { candidates, paths } = await completionsOf(
    createProgram(() => {}),
    words,
    NAMES,
  );
  return { words: candidates.map(({ word }) => word), paths };
}

describe('what may stand at the cursor', () => {
  test('is a command that begins so, but not a hidden one', async () => {
    expect(await complete('')).toEqual({
      words: ['ingest', 'replay', 'show', 'search', 'plugins', 'doctor', 'completion', 'help'],
      paths: undefined,
    });
    expect(await complete('plugins', 're')).toMatchObject({ words: ['remove', 'reload'] });
  });

  test('is an option of the command', async () => {
    expect((await complete('ingest', '--pars')).words).toEqual(['--parser']);
    expect((await complete('plugins', 'list', '--')).words).toEqual(['--plugins-dir', '--json', '--kind', '--help']);
  });

  test('is a value of the option', async () => {
    expect(await complete('ingest', 'a.log', '--format', '')).toEqual({
      words: ['text', 'ndjson', 'csv', 'arrow', 'arrow-file', 'raw', 'msgpack', 'none'],
      paths: undefined,
    });
    expect(await complete('plugins', 'list', '--plugins-dir', '')).toEqual({ words: [], paths: 'directories' });
    for (const command of ['show', 'search'])
      expect(await complete(command, '')).toEqual({ words: [], paths: 'directories' });
    expect(await complete('search', 'trace.spool', '--co')).toMatchObject({
      words: ['--column', '--context', '--count'],
    });
    expect(await complete('ingest', '--config-file', '')).toEqual({ words: [], paths: 'files' });
    expect(await complete('ingest', '--deadline', '')).toEqual({ words: [], paths: undefined });
  });

  test('is the name of a plugin, in the directory that is named', async () => {
    expect(await complete('ingest', '-p', '')).toEqual({ words: ['dlt'], paths: 'files' });
    expect((await complete('plugins', 'show', '--plugins-dir', 'here', '')).words).toEqual(['here']);
    expect((await complete('plugins', 'show', '--plugins-dir=there', '')).words).toEqual(['there']);
  });

  test('is a profile of the plugin', async () => {
    expect((await complete('ingest', '--parser', 'dlt', '--profile', '')).words).toEqual(['dlt-bench']);
    expect((await complete('plugins', 'config', 'some', '--save', '')).words).toEqual(['some-bench']);
  });

  test('is a file, as often as there may be one', async () => {
    expect(await complete('ingest', '')).toEqual({ words: [], paths: 'files' });
    expect(await complete('ingest', 'a.log', '')).toEqual({ words: [], paths: 'files' });
    expect(await complete('replay', 'a.quarantine', '')).toEqual({ words: [], paths: undefined });
  });

  test('is the beginning of a source that was begun, beside files', async () => {
    expect(await complete('ingest', 'tc')).toEqual({ words: ['tcp://', 'tcp-listen://'], paths: 'files' });
    expect(await complete('replay', 'tc')).toEqual({ words: [], paths: 'files' });
  });

  test('is no option behind two dashes', async () => {
    expect(await complete('ingest', '--', '--par')).toEqual({ words: [], paths: 'files' });
  });
});

test('the names are those that are installed, whatever else is wrong', async () => {
  const { stdout, code } = await stage.run('__complete', '--', 'ingest', '--parser', 'string');
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: 'string-parser\tText lines\n:files\n' });
  const sources = await stage.run('__complete', '--', 'ingest', '--source', '');
  expect(sources.stdout.toString()).toBe('file-source\tFile\n:files\n');
  const none = await stage.run('__complete', '--', 'plugins', 'show', '--plugins-dir', 'missing', '');
  expect({ code: none.code, stdout: none.stdout.toString() }).toEqual({ code: 0, stdout: ':files\n' });
});

test.each(SHELLS)('the script for %s is printed, and its shell can read it', async (shell) => {
  const { stdout, code } = await stage.run('completion', shell);
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: SCRIPTS[shell] });
  const script = await stage.file(`completion.${shell}`, SCRIPTS[shell]);
  const { error, status, stderr } = spawnSync(shell, ['-n', script], { encoding: 'utf8' });
  if (error !== undefined) return skipped(shell, error);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('Bash completes with it', async () => {
  await mkdir(join(stage.directory, 'bin'), { recursive: true });
  const program = fileURLToPath(new URL('../bin/chipmunk-host.js', import.meta.url));
  const command = await stage.file('bin/chipmunk-host', `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
  await chmod(command, 0o755);
  await stage.file('a trace.log', '');
  const script = `${SCRIPTS.bash}
    try() { COMP_WORDS=(chipmunk-host "$@"); COMP_CWORD=$#; _chipmunk_host; printf '%s\\n' "\${COMPREPLY[@]}"; }
    try plugins rel; try ingest a`;
  const env = { ...process.env, PATH: `${join(stage.directory, 'bin')}${delimiter}${process.env.PATH}` };
  const { error, stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: stage.directory, env, encoding: 'utf8' });
  if (error !== undefined) return skipped('bash', error);
  expect({ stdout, stderr }).toEqual({ stdout: 'reload\na trace.log\n', stderr: '' });
});

/** A shell that is not there is no fault of ours. */
function skipped(shell: string, error: Error): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  process.stderr.write(`skipped: there is no ${shell} here\n`);
}
