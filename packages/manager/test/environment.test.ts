/** What the system refuses a process says nothing of a plugin: it is told of as that, and forgotten. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { setStage } from './support.js';

const stage = setStage();
const PROGRAM = fileURLToPath(new URL('environment-program-fixture.mjs', import.meta.url));

interface Report {
  readonly plugins: readonly {
    readonly name: string;
    readonly state: string;
    readonly code?: string;
    readonly help?: string;
  }[];
  readonly session: string;
}

/** @param prepare shell code that the program is started behind; its `$1` is a folder of its own */
async function reported(plugins: string, prepare: string, flags = ''): Promise<Report> {
  const input = await stage.file('input.log', 'one\ntwo\n');
  const script = `${prepare} && exec "$2" ${flags} "$3" "$4" "$5"`;
  const args = ['-c', script, 'sh', stage.directory, process.execPath, PROGRAM, plugins, input];
  return JSON.parse((await promisify(execFile)('sh', args)).stdout) as Report;
}

const GONE = 'mkdir "$1/gone" && cd "$1/gone" && rmdir "$1/gone"';

/** The plugins that are shipped. */
const ALL_VALID = Array.from({ length: 6 }, () => ({ state: 'valid' }));

describe.skipIf(process.platform === 'win32')('a process', () => {
  test.each<[what: string, prepare: string, flags: string, help: RegExp]>([
    ['in a working directory that was deleted', GONE, '', /working directory .* was deleted/],
    ['without WebAssembly', 'true', '--jitless', /without --jitless/],
  ])(
    '%s blames no plugin, and leaves nothing for later ones',
    async (what, prepare, flags, help) => {
      const plugins = await stage.folder(what.replaceAll(' ', '-'));
      const poor = await reported(plugins, prepare, flags);
      expect(poor.plugins.map(({ name }) => name)).toEqual([
        'file-source',
        'dlt-parser',
        'json-lines',
        'protobuf-parser',
        'string-parser',
        'text-format',
      ]);
      for (const plugin of poor.plugins) {
        expect(plugin).toMatchObject({ state: 'unloaded', code: 'ERR_ENVIRONMENT' });
        expect(plugin.help).toMatch(help);
      }
      expect(poor.session).toBe('ERR_ENVIRONMENT');
      expect(await readFile(`${plugins}/.chipmunk-host/cache.json`, 'utf8')).not.toContain('"failed"');
      expect(await reported(plugins, 'true')).toMatchObject({ plugins: ALL_VALID, session: 'completed' });
    },
    120_000,
  );

  test('that finds all in the cache needs no working directory to list it', async () => {
    const plugins = await stage.folder('cached');
    await reported(plugins, 'true');
    const { plugins: listed } = await reported(plugins, GONE);
    expect(listed).toMatchObject(ALL_VALID);
  }, 60_000);
});

describe.skipIf(process.platform !== 'linux')('under a limit on address space (Linux: ulimit -v)', () => {
  // Which part of the work fails depends on the version of Node.js; below 8 GB it may end the process itself.
  test.each([12, 16])(
    'of %d GB no plugin is blamed',
    async (gigabytes) => {
      const plugins = await stage.folder(`address-space-${gigabytes}`);
      const limit = `ulimit -v ${gigabytes * 1024 * 1024}`;
      const poor = await reported(plugins, limit).catch(() => undefined);
      // Node.js ends a process that cannot have the memory of its own HTTP parser.
      if (poor !== undefined) {
        for (const { state, code } of poor.plugins) expect([state, code]).not.toContain('invalid');
        expect(poor.session).toMatch(/^(completed|ERR_ENVIRONMENT|ERR_PLUGIN_LOST)$/);
      }
      expect(await reported(plugins, 'true')).toMatchObject({ plugins: ALL_VALID });
    },
    120_000,
  );
});
