/** What Chipmunk does with plugin directories, fact by fact. Its limits on claims: claims.test.ts; its cache: plugin-cache.test.ts. */
import { spawnSync } from 'node:child_process';
import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PluginsManager } from '@chipmunk-host/manager';
import { buildClaimant, buildCounter, claiming, renamed } from '@chipmunk-host/test-plugins';
import { beforeAll, describe, expect, test } from 'vitest';
import { install, setStage } from './support.js';

const stage = setStage();
let claimant: Buffer;
let counter: Uint8Array;
beforeAll(async () => {
  [claimant, counter] = await Promise.all([buildClaimant(), buildCounter()]);
});

const open = (directory: string) => PluginsManager.open({ directory, bundled: false });

test('a plugin is <kind>/<name>/<name>.wasm, with metadata and README if it has them; its directory is its id', async () => {
  const plugins = await stage.folder('layout');
  const directory = await install(plugins, 'full', {
    'full.wasm': claimant,
    'full.toml': 'title = "Full"\ndescription = "All files"',
    'README.md': '# Full',
  });
  await install(plugins, join('..', 'bytesources', 'bare'), { 'bare.wasm': counter });
  await using manager = await open(plugins);
  expect(manager.plugins()).toMatchObject([
    { kind: 'bytesource', name: 'bare', title: 'bare', description: undefined, readme: undefined, state: 'valid' },
    { kind: 'parser', name: 'full', title: 'Full', description: 'All files', readme: join(directory, 'README.md') },
  ]);
  expect(manager.plugin(directory)).toBe(manager.plugin('full'));
});

test('missing folders are created', async () => {
  const plugins = await stage.folder('empty');
  await using manager = await open(plugins);
  expect(manager.plugins()).toEqual([]);
  await access(join(plugins, 'parsers'));
  await access(join(plugins, 'bytesources'));
});

test('kind and API version are those of the first export; version, schemas and render options come from an instance', async () => {
  const plugins = await stage.folder('info');
  await install(plugins, join('..', 'bytesources', 'counter'), { 'counter.wasm': counter });
  await using manager = await open(plugins);
  expect(manager.plugin('counter')).toMatchObject({
    kind: 'bytesource',
    apiVersion: '0.1.0',
    givesTimes: false,
    info: {
      kind: 'bytesource',
      version: { major: 1, minor: 2, patch: 3 },
      configSchemas: [{ id: 'count', type: { kind: 'integer', default: 3 } }, { id: 'failure' }],
    },
  });
});

test('one bad plugin costs the others nothing', async () => {
  const plugins = await stage.folder('beside');
  await install(plugins, 'good', { 'good.wasm': claimant, 'good.toml': '= not TOML' });
  await install(plugins, 'empty', { 'empty.wasm': '' });
  await install(plugins, 'text', { 'text.wasm': 'text' });
  await install(plugins, 'cut', { 'cut.wasm': claimant.subarray(0, 2000) });
  await using manager = await open(plugins);
  expect(manager.plugins().map(({ name, state }) => [name, state])).toEqual([
    ['cut', 'invalid'],
    ['empty', 'invalid'],
    ['good', 'valid'],
    ['text', 'invalid'],
  ]);
  // Broken metadata is a warning.
  expect(manager.plugin('good')).toMatchObject({
    title: 'good',
    warnings: [expect.stringContaining('not valid TOML')],
  });
});

test('a title may have 2,048 bytes and a description 10,240: longer ones are warnings, as for what a binary claims', async () => {
  const plugins = await stage.folder('lengths');
  const metadata = (title: string, description: string) => `title = "${title}"\ndescription = "${description}"`;
  const add = (name: string, toml: string | Buffer) =>
    install(plugins, name, { [`${name}.wasm`]: claimant, [`${name}.toml`]: toml });
  await add('most', metadata('t'.repeat(2048), 'd'.repeat(10_240)));
  // Bytes count: each of these letters has two.
  await add('title', metadata('ä'.repeat(1025), 'about'));
  await add('description', metadata('Short', 'd'.repeat(10_241)));
  await using manager = await open(plugins);
  expect(manager.plugin('most')).toMatchObject({ title: 't'.repeat(2048), warnings: [] });
  expect(manager.plugin('most').description).toHaveLength(10_240);
  expect(manager.plugin('title')).toMatchObject({
    title: 'title',
    description: undefined,
    warnings: [expect.stringMatching(/'title' should be a text that is not empty, of at most 2048 bytes/)],
  });
  expect(manager.plugin('description')).toMatchObject({
    title: 'Short',
    description: undefined,
    warnings: [expect.stringMatching(/'description' should be a text that is not empty, of at most 10240 bytes/)],
  });
});

test('metadata that are not UTF-8, or have no title, are not used', async () => {
  const plugins = await stage.folder('unusable');
  const latin1 = Buffer.from('title = "Prüfung"', 'latin1');
  await install(plugins, 'latin', { 'latin.wasm': claimant, 'latin.toml': latin1 });
  await install(plugins, 'untitled', { 'untitled.wasm': claimant, 'untitled.toml': 'description = "about"' });
  const own = '\ufefftitle = "Marked"\n[chipmunk-host]\nwindow-bytes = 4096';
  await install(plugins, 'marked', { 'marked.wasm': claimant, 'marked.toml': own });
  await using manager = await open(plugins);
  expect(manager.plugin('latin')).toMatchObject({
    title: 'latin',
    state: 'valid',
    warnings: [expect.stringMatching(/cannot be read: it is not UTF-8/)],
  });
  expect(manager.plugin('untitled')).toMatchObject({
    title: 'untitled',
    description: undefined,
    warnings: [expect.stringMatching(/'title' should be there/)],
  });
  expect(manager.plugin('marked')).toMatchObject({ title: 'Marked', windowBytes: 4096, warnings: [] });
});

test('metadata that are made to be expensive are passed over in no time, and named in a few words', async () => {
  const plugins = await stage.folder('bombs');
  const bombs: Record<string, string> = {
    arrays: `title = ${'['.repeat(30_000)}`,
    tables: `title = ${'{a='.repeat(20_000)}`,
    keys: `title${'.a'.repeat(30_000)} = 1`,
    large: `title = "x"\n${'#'.repeat(64 * 1024)}`,
    digits: `title = ${'1'.repeat(60_000)}`,
  };
  for (const [name, toml] of Object.entries(bombs))
    await install(plugins, name, { [`${name}.wasm`]: claimant, [`${name}.toml`]: toml });
  await using manager = await open(plugins);
  for (const name of Object.keys(bombs)) {
    const { title, state, warnings } = manager.plugin(name);
    expect({ title, state }).toEqual({ title: name, state: 'valid' });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.length).toBeLessThan(500);
  }
});

test('a folder that begins with a dot is a plugin when it holds one, and is passed over without a word when not', async () => {
  const plugins = await stage.folder('hidden');
  await install(plugins, '.hidden', { '.hidden.wasm': claimant });
  await install(plugins, '.git', { HEAD: 'ref' });
  const warnings: string[] = [];
  const onWarning = (text: string) => void warnings.push(text);
  await using manager = await PluginsManager.open({ directory: plugins, bundled: false, onWarning });
  expect(manager.plugins()).toMatchObject([{ name: '.hidden', title: '.hidden', state: 'valid' }]);
  expect(warnings).toEqual([]);
});

test('defaults that are floats are shown as Rust shows them: the shortest decimal that is the same float', async () => {
  const plugins = await stage.folder('floats');
  await install(plugins, 'floats', { 'floats.wasm': claiming(claimant, 'floats') });
  await using manager = await open(plugins);
  const defaults = manager.plugin('floats').info?.configSchemas.map(({ type }) => 'default' in type && type.default);
  expect(defaults).toEqual([1.55, 0.1, 3.4028235e38, 16777216, 1.1754944e-38, 1e-45]);
});

test('add refuses a name that is installed for that kind, replaces an invalid one, and finds the kind by itself', async () => {
  const plugins = await stage.folder('adding');
  await install(plugins, 'one', { 'one.wasm': 'broken' });
  await using manager = await open(plugins);
  const path = await stage.file('one.wasm', claimant);
  expect(await manager.add(path)).toMatchObject({ kind: 'parser', name: 'one', state: 'valid' });
  await expect(manager.add(path)).rejects.toMatchObject({ code: 'ERR_STORE_TAKEN' });
  expect(await manager.add(await stage.file('counter.wasm', counter))).toMatchObject({ kind: 'bytesource' });
});

test('remove forgets a plugin and deletes its directory; reload scans again', async () => {
  const plugins = await stage.folder('removing');
  const directory = await install(plugins, 'one', { 'one.wasm': claimant });
  await using manager = await open(plugins);
  await manager.remove(directory);
  expect(manager.plugins()).toEqual([]);
  await expect(access(directory)).rejects.toThrow('ENOENT');
  await install(plugins, 'two', { 'two.wasm': claimant });
  await manager.reload();
  expect(manager.plugins()).toMatchObject([{ name: 'two' }]);
});

describe('permissions', () => {
  test('tell what a configuration names and what a plugin asks for, and what is denied of it', async () => {
    await using manager = await PluginsManager.open({ directory: await stage.folder('permissions') });
    const config = { 'input-path': ['/var/log/a.log'] };
    const grants = { environment: { LANG: 'C', SECRET: 'x' } };
    const asked = await manager.permissions('file-source', config, { grants });
    expect(asked).toMatchObject({
      paths: [{ id: 'input-path', path: '/var/log/a.log', isGranted: true }],
      network: { isAsked: false, isGranted: false },
    });
    for (const denied of ['/var/log/a.log', '/var', '/var/log/a.log/below'])
      expect(await manager.permissions('file-source', config, { deny: { paths: [denied] } })).toMatchObject({
        paths: [{ isGranted: false }],
      });
    expect(await manager.permissions('file-source', config, { deny: { paths: ['/var/log/b.log'] } })).toMatchObject({
      paths: [{ isGranted: true }],
    });
  });

  test('that are denied are not there for the plugin', async () => {
    await using manager = await PluginsManager.open({ directory: await stage.folder('denied') });
    const path = await stage.file('denied.log', 'readable\n');
    const ingest = (deny: { paths: readonly string[] }) =>
      manager.ingest({
        source: { plugin: 'file-source', config: { 'input-path': [path] }, deny },
        parser: { plugin: 'string-parser' },
      });
    await using session = await ingest({ paths: ['/elsewhere'] });
    const items: string[] = [];
    for await (const batch of session.batches()) for (const item of batch) items.push(item.text);
    expect(items).toEqual(['readable']);
    await expect(ingest({ paths: [path] })).rejects.toMatchObject({ code: 'ERR_PLUGIN_INIT' });
  });
});

const canMount = spawnSync('unshare', ['-rm', 'true']).status === 0;
test.skipIf(!canMount)(
  'a full disk is a warning, and plugins are loaded (needs unshare)',
  async () => {
    const disk = await stage.folder('disk');
    const binary = await stage.file('full-disk.wasm', renamed(claimant, 'full disk'));
    const script = await stage.file(
      'full-disk.mjs',
      `import { PluginsManager } from ${JSON.stringify(fileURLToPath(import.meta.resolve('@chipmunk-host/manager')))};
     const warnings = [];
     const manager = await PluginsManager.open({ directory: ${JSON.stringify(disk)}, bundled: false, onWarning: (text) => warnings.push(text) });
     process.stdout.write(JSON.stringify({ states: manager.plugins().map(({ state }) => state), warnings }));
     await manager.close();`,
    );
    const { size } = await stat(binary);
    const bytes = Math.ceil(size / 4096 + 12) * 4096;
    const command = `mount -t tmpfs -o size=${bytes} none '${disk}' && mkdir -p '${disk}/parsers/one' '${disk}/bytesources' &&
    cp '${binary}' '${disk}/parsers/one/one.wasm' && { cat /dev/zero > '${disk}/filler' 2>/dev/null; '${process.execPath}' '${script}'; }`;
    const { stdout, stderr } = spawnSync('unshare', ['-rm', 'sh', '-c', command], { encoding: 'utf8' });
    expect(stdout, stderr).not.toBe('');
    const { states, warnings } = JSON.parse(stdout) as { states: string[]; warnings: string[] };
    expect(states).toEqual(['valid']);
    expect(warnings.join('\n')).toMatch(/cache.json cannot be written.*(full|ENOSPC)/);
  },
  120_000,
);
