import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { chmod, mkdir, open as openFile, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PluginsManager, type PluginsManagerOptions } from '@chipmunk-host/manager';
import { buildClaimant, claiming, renamed } from '@chipmunk-host/test-plugins';
import { beforeAll, describe, expect, test } from 'vitest';
import { install, setStage } from './support.js';

const stage = setStage();
let claimant: Buffer;
beforeAll(async () => {
  claimant = await buildClaimant();
});

interface Opening {
  /** Components that were compiled, and threads that were started, while the manager was opened. */
  readonly compiled: number;
  readonly threads: number;
  readonly warnings: readonly string[];
  readonly plugins: ReturnType<PluginsManager['plugins']>;
}

/** Opens a manager, counts what that takes, and closes it. */
async function opening(directory: string, options: PluginsManagerOptions = {}): Promise<Opening> {
  const warnings: string[] = [];
  let compiled = 0;
  let threads = 0;
  const onCompile = () => void compiled++;
  const onThread = () => void threads++;
  subscribe('chipmunk-host.runtime.compile', onCompile);
  subscribe('worker_threads', onThread);
  try {
    const onWarning = (message: string) => void warnings.push(message);
    await using manager = await PluginsManager.open({ directory, bundled: false, onWarning, ...options });
    return { compiled, threads, warnings, plugins: manager.plugins() };
  } finally {
    unsubscribe('chipmunk-host.runtime.compile', onCompile);
    unsubscribe('worker_threads', onThread);
  }
}

let made = 0;
/** A binary that no test of this process has compiled yet. */
const fresh = (claim: Parameters<typeof claiming>[1] = 'nothing') =>
  renamed(claiming(claimant, claim), `${process.pid}-${made++}`);
const cacheOf = (plugins: string) => join(plugins, '.chipmunk-host', 'cache.json');
const artefactsOf = (plugins: string) => readdir(join(plugins, '.chipmunk-host', 'artefacts'));

async function withTwo(name: string): Promise<string> {
  const plugins = await stage.folder(name);
  await install(plugins, 'good', { 'good.wasm': fresh() });
  await install(plugins, 'bad', { 'bad.wasm': fresh('traps') });
  return plugins;
}

test('200 plugins are opened from the cache without compiling anything and without any thread', async () => {
  const plugins = await stage.folder('many');
  const binaries = Array.from({ length: 8 }, (_, i) => fresh(i % 4 === 3 ? 'traps' : 'schemas100'));
  for (let i = 0; i < 200; i++) {
    const name = `plugin-${i}`;
    await install(plugins, name, {
      [`${name}.wasm`]: binaries[i % binaries.length] ?? '',
      [`${name}.toml`]: 'title = "T"',
    });
  }
  const first = await opening(plugins);
  expect(first.compiled).toBe(binaries.length);
  const second = await opening(plugins);
  expect(second).toEqual({ compiled: 0, threads: 0, warnings: [], plugins: first.plugins });
  expect(second.plugins).toHaveLength(200);
  expect(second.plugins.filter(({ state }) => state === 'invalid')).toHaveLength(50);
}, 180_000);

test('an invalid plugin is remembered with its error, and not compiled again until its binary changes', async () => {
  const plugins = await withTwo('remembered');
  const first = await opening(plugins);
  const bad = () => first.plugins.find(({ name }) => name === 'bad');
  expect(bad()).toMatchObject({ state: 'invalid', error: { code: 'ERR_PLUGIN_TRAP', plugin: 'bad' } });
  expect((await opening(plugins)).plugins).toEqual(first.plugins);
  await writeFile(join(plugins, 'parsers', 'bad', 'bad.wasm'), fresh());
  const third = await opening(plugins);
  expect(third).toMatchObject({ compiled: 1, plugins: [{ name: 'bad', state: 'valid' }, { name: 'good' }] });
});

test('a plugin that was touched or moved is read, and not compiled', async () => {
  const plugins = await withTwo('touched');
  await opening(plugins);
  await utimes(join(plugins, 'parsers', 'good', 'good.wasm'), 1000, 1000);
  expect(await opening(plugins)).toMatchObject({ compiled: 0, threads: 0 });
  await install(plugins, 'copy', { 'copy.wasm': await readFile(join(plugins, 'parsers', 'good', 'good.wasm')) });
  expect(await opening(plugins)).toMatchObject({
    compiled: 0,
    threads: 0,
    plugins: [{}, { name: 'copy', state: 'valid' }, {}],
  });
});

test('another binary of the same size and time is seen, whether always hashed or not', async () => {
  for (const alwaysHash of [false, true]) {
    const plugins = await stage.folder(`same-size-${alwaysHash}`);
    const path = join(await install(plugins, 'one', { 'one.wasm': claiming(claimant, 'id1024') }), 'one.wasm');
    await utimes(path, 1000, 1000);
    expect(await opening(plugins, { alwaysHash })).toMatchObject({ plugins: [{ state: 'valid' }] });
    const { size } = await stat(path);
    await writeFile(path, claiming(claimant, 'id1025'));
    await utimes(path, 1000, 1000);
    expect((await stat(path)).size).toBe(size);
    expect(await opening(plugins, { alwaysHash })).toMatchObject({ plugins: [{ state: 'invalid' }] });
  }
});

test('a binary of 200 MB is hashed in pieces while the event loop goes on', async () => {
  const plugins = await stage.folder('large');
  const path = join(await install(plugins, 'large', { 'large.wasm': fresh().subarray(0, 1000) }), 'large.wasm');
  const file = await openFile(path, 'r+');
  await file.truncate(200_000_000);
  await file.close();
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const first = await opening(plugins);
  clearInterval(timer);
  // Were it read or hashed in one go, there would be a handful.
  expect(turns).toBeGreaterThan(20);
  expect(first.plugins).toMatchObject([{ state: 'invalid', error: { code: 'ERR_PLUGIN_INVALID' } }]);
  expect(await opening(plugins)).toMatchObject({ compiled: 0, plugins: first.plugins });
}, 120_000);

describe('damage of the cache is a warning and costs only time', () => {
  test.each<[string, (path: string) => Promise<void>, RegExp]>([
    ['truncated', async (path) => writeFile(path, (await readFile(path)).subarray(0, -100)), /JSON/],
    ['empty', (path) => writeFile(path, ''), /JSON/],
    [
      'mutated',
      async (path) => writeFile(path, (await readFile(path, 'utf8')).replace('"patch": 0', '"patch": 7')),
      /digest/,
    ],
    [
      'of a future version',
      async (path) => writeFile(path, (await readFile(path, 'utf8')).replace('"format": 3', '"format": 4')),
      /format 3, got 4/,
    ],
    [
      'of another toolchain',
      async (path) => writeFile(path, (await readFile(path, 'utf8')).replace('jco-transpile@', 'jco-transpile@9')),
      /the toolchain .*, got/,
    ],
    [
      'a directory',
      async (path) => {
        await rm(path);
        await mkdir(path);
      },
      /not a file|EISDIR/,
    ],
    ...(process.platform === 'win32'
      ? []
      : [
          ['writable for others', (path: string) => chmod(path, 0o666), /others may write/] as [
            string,
            (path: string) => Promise<void>,
            RegExp,
          ],
        ]),
  ])('%s', async (name, damage, reason) => {
    const plugins = await withTwo(`damaged ${name}`);
    const first = await opening(plugins);
    await damage(cacheOf(plugins));
    const second = await opening(plugins);
    expect(second.warnings[0]).toMatch(/The cache of plugins .*cache.json is not used/);
    expect(second.warnings[0]).toMatch(reason);
    expect(second.plugins).toEqual(first.plugins);
    if (name === 'a directory') return;
    expect(await opening(plugins)).toMatchObject({ compiled: 0, warnings: [] });
  });

  test('a folder of ours that cannot be made', async () => {
    const plugins = await withTwo('blocked');
    await writeFile(join(plugins, '.chipmunk-host'), 'in the way');
    const { plugins: found, warnings } = await opening(plugins);
    expect(found.map(({ state }) => state)).toEqual(['invalid', 'valid']);
    expect(warnings.join('\n')).toContain('cache.json cannot be written');
  });
});

describe('transpiled output', () => {
  test('is removed when no plugin uses it any more, and kept as long as one does', async () => {
    const plugins = await withTwo('cleaned');
    await opening(plugins);
    const both = await artefactsOf(plugins);
    expect(both).toHaveLength(2);
    await using manager = await PluginsManager.open({ directory: plugins, bundled: false });
    const gone = manager.plugin('bad').hash ?? '';
    await manager.remove('bad');
    const left = await artefactsOf(plugins);
    expect(left).toEqual(both.filter((name) => !name.startsWith(gone)));
    expect(await readFile(cacheOf(plugins), 'utf8')).not.toContain(gone);
  });

  test('of a plugin that is used by its path stays', async () => {
    const plugins = await withTwo('by-path');
    const path = await stage.file('elsewhere.wasm', fresh());
    await using manager = await PluginsManager.open({ directory: plugins, bundled: false });
    await manager.inspect(path);
    await manager.reload();
    expect(await artefactsOf(plugins)).toHaveLength(3);
  });
});

describe('transpiled output of binaries that no plugin ever had', () => {
  test('is removed when it has not been made anew for a week', async () => {
    const plugins = await withTwo('stale');
    const path = await stage.file('stale-elsewhere.wasm', fresh());
    await using manager = await PluginsManager.open({ directory: plugins, bundled: false });
    const known = await artefactsOf(plugins);
    await manager.inspect(path);
    const [other = ''] = (await artefactsOf(plugins)).filter((name) => !known.includes(name));
    const folder = join(plugins, '.chipmunk-host', 'artefacts', other);
    const age = async (days: number) => {
      const made = new Date(Date.now() - days * 24 * 60 * 60 * 1000);
      await utimes(folder, made, made);
      await manager.reload();
      return artefactsOf(plugins);
    };
    expect(await age(6.9)).toContain(other);
    expect(await age(7.1)).toEqual(known);
  });
});

test('two managers add to one cache', async () => {
  const plugins = await stage.folder('shared');
  await using first = await PluginsManager.open({ directory: plugins, bundled: false });
  await using second = await PluginsManager.open({ directory: plugins, bundled: false });
  await install(plugins, 'one', { 'one.wasm': fresh() });
  await first.reload();
  await install(plugins, 'two', { 'two.wasm': fresh() });
  await Promise.all([first.reload(), second.reload()]);
  expect(await opening(plugins)).toMatchObject({
    compiled: 0,
    threads: 0,
    plugins: [{ state: 'valid' }, { state: 'valid' }],
  });
});

test('a plugin that took too long is not remembered for it: it is tried again each time', async () => {
  const plugins = await stage.folder('slow');
  await install(plugins, 'slow', { 'slow.wasm': fresh('loops') });
  const slow = { plugins: [{ state: 'unloaded', error: { code: 'ERR_PLUGIN_TIMEOUT' } }] };
  // Whether it is late in being compiled or in answering is the same.
  expect(await opening(plugins, { loadDeadlineMs: 1000 })).toMatchObject(slow);
  const second = await opening(plugins, { loadDeadlineMs: 1000 });
  expect(second).toMatchObject(slow);
  // It was asked again. What was compiled may still be there.
  expect(second.threads).toBeGreaterThan(0);
}, 120_000);
