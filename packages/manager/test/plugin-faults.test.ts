/** Binaries in the plugins directory that are no plugins, or change while they are used, beside plugins that work. */
import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type IngestSession, PluginsManager } from '@chipmunk-host/manager';
import { buildFragile } from '@chipmunk-host/test-plugins';
import { beforeAll, describe, expect, test } from 'vitest';
import { CORE_MODULE, install, OTHER_COMPONENT, STRING_PARSER, setStage, texts } from './support.js';

const stage = setStage();
const GIB = 1024 ** 3;
const TWO_GB = 2 * GIB;
const LINES = Array.from({ length: 200_000 }, (_, i) => `line ${i}`);

let good: Uint8Array;
let fragile: Uint8Array;
beforeAll(async () => {
  good = await readFile(STRING_PARSER);
  fragile = await buildFragile();
});

describe('a listing marks as invalid, saying why, a binary that is', () => {
  const KINDS: readonly [what: string, content: () => Uint8Array, message: RegExp][] = [
    ['empty', () => Buffer.alloc(0), /is empty/],
    ['truncated', () => good.subarray(0, 1000), /./],
    ['bit-flipped', () => good.map((byte, i) => (i === 4 ? byte ^ 0x40 : byte)), /version/],
    ['a core module', () => CORE_MODULE, /core WebAssembly module/],
    ['a component with other exports', () => OTHER_COMPONENT, /exports run; expected/],
    ['for an unknown API version', () => ofUnknownVersion(), /API version 7\.1\.0/],
  ];
  test.each(KINDS)('%s', async (what, content, message) => {
    const plugins = await stage.folder('listed', what);
    await install(plugins, 'bad', { 'bad.wasm': content() });
    await install(plugins, 'good', { 'good.wasm': good });
    await expectListed(plugins, message);
  });

  test('of 2 GB, which is not read into memory', async () => {
    const plugins = await stage.folder('listed', 'huge');
    const directory = await install(plugins, 'bad', { 'bad.wasm': good.subarray(0, 8) });
    await install(plugins, 'good', { 'good.wasm': good });
    // Sparse: it takes no room on disk.
    await using file = await open(join(directory, 'bad.wasm'), 'r+');
    await file.truncate(TWO_GB);
    await file.close();
    const before = process.memoryUsage.rss();
    await expectListed(plugins, /has 2147483648 bytes; at most 268435456 are allowed/);
    expect(process.memoryUsage.rss() - before).toBeLessThan(GIB);
  });

  async function expectListed(directory: string, message: RegExp): Promise<void> {
    await using manager = await PluginsManager.open({ directory });
    const bad = manager.plugins().find(({ name }) => name === 'bad');
    expect(bad).toMatchObject({ state: 'invalid', error: { code: 'ERR_PLUGIN_INVALID' } });
    expect(bad?.error?.message).toMatch(message);
    expect(manager.plugins().find(({ name }) => name === 'good')).toMatchObject({ state: 'valid' });
    const source = { file: await stage.file('listed.log', 'a line\n') };
    await expect(manager.ingest({ source, parser: { plugin: 'bad' } })).rejects.toMatchObject({
      code: 'ERR_PLUGIN_INVALID',
    });
    expect(await texts(await manager.ingest({ source, parser: { plugin: 'good' } }))).toEqual(['a line']);
  }

  function ofUnknownVersion(): Uint8Array {
    const text = Buffer.from(good).toString('latin1');
    return Buffer.from(text.replaceAll('chipmunk:parser/parser@0.1.0', 'chipmunk:parser/parser@7.1.0'), 'latin1');
  }
});

describe('while sessions run with it, a plugin', () => {
  test('is replaced on disk: they go on with what they loaded, also in fresh instances; new ones see the new file', async () => {
    const { manager, path, running } = await running200k('replaced');
    await using _ = manager;
    const unfinished = `${path}.new`;
    await writeFile(unfinished, good);
    await rename(unfinished, path);
    await expectWhole(running);
    const source = { file: await stage.file('new.log', 'Behave\nall is well\n') };
    expect(await texts(await manager.ingest({ source, parser: { plugin: 'mine' } }))).toEqual([
      'Behave',
      'all is well',
    ]);
  });

  test('is deleted from disk: they go on with what they loaded, also in fresh instances; new ones are refused', async () => {
    const { manager, path, running } = await running200k('deleted');
    await using _ = manager;
    await rm(join(path, '..'), { recursive: true });
    await expectWhole(running);
    const source = { file: await stage.file('after.log', 'x\n') };
    await expect(manager.ingest({ source, parser: { plugin: 'mine' } })).rejects.toMatchObject({
      code: 'ERR_PLUGIN_NOT_FOUND',
    });
  });

  /** A session that has only begun; in its last line, the plugin traps. */
  async function running200k(name: string) {
    const plugins = await stage.folder('running', name);
    const path = join(await install(plugins, 'mine', { 'mine.wasm': fragile }), 'mine.wasm');
    const manager = await PluginsManager.open({ directory: plugins });
    const file = await stage.file(`${name}.log`, `${LINES.join('\n')}\nBad\nlast\n`);
    const running = await manager.ingest({ source: { file }, parser: { plugin: 'mine' } });
    const first = (await running.batches().next()).value;
    return { manager, path, running: { session: running, begun: [...(first ?? [])].map(({ text }) => text) } };
  }

  async function expectWhole({ session, begun }: { session: IngestSession; begun: string[] }): Promise<void> {
    expect(begun.length).toBeLessThan(LINES.length);
    expect([...begun, ...(await texts(session))]).toEqual([...LINES, 'last']);
    expect(session.summary).toMatchObject({ status: 'completed', gaps: 1, gapBytes: 4 });
    expect(session.summary.restarts).toBeGreaterThan(0);
  }
});
