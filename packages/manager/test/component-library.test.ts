/** What opening a manager and running sessions cost: how often a plugin is compiled, and how often it is asked about itself. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { copyFile, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { PluginsManager } from '@chipmunk-host/manager';
import { buildClaimant, claiming } from '@chipmunk-host/test-plugins';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { install, STRING_PARSER, setStage, texts } from './support.js';

const stage = setStage();
/** Logs four lines whenever it is asked for its schemas, and again for its render options. */
let talkative: Buffer;
let nothing: Buffer;
let file: string;
let compiled: string[] = [];
const noteCompiled = (message: unknown) => compiled.push((message as { hash: string }).hash);

beforeAll(async () => {
  const claimant = await buildClaimant();
  [talkative, nothing] = [claiming(claimant, 'logs'), claiming(claimant, 'nothing')];
  file = await stage.file('input.log', 'one\n');
  subscribe('chipmunk-host.runtime.compile', noteCompiled);
});
afterAll(() => void unsubscribe('chipmunk-host.runtime.compile', noteCompiled));

/** A component that nobody holds is gone after this, and would be compiled again. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
}

let directories = 0;
async function open(plugins: Readonly<Record<string, Uint8Array>>): Promise<PluginsManager> {
  const directory = await stage.folder(`plugins-${directories++}`);
  for (const [name, binary] of Object.entries(plugins)) await install(directory, name, { [`${name}.wasm`]: binary });
  compiled = [];
  return PluginsManager.open({ directory, bundled: false });
}

async function run(manager: PluginsManager, plugin: string): Promise<readonly string[]> {
  await using session = await manager.ingest({ source: { file }, parser: { plugin }, logLevel: 'debug' });
  return await texts(session);
}

/** How often it was asked for its schemas, by the lines that it logged. */
function askedTimes(manager: PluginsManager, plugin: string): number {
  return manager.logs(plugin).filter(({ message }) => message === 'some news').length;
}

test('a cold plugin is compiled once and asked once, from opening the manager to the end of its sessions', async () => {
  await using manager = await open({ talkative });
  const asked = askedTimes(manager, 'talkative');
  expect(asked).toBeGreaterThan(0);
  await collectGarbage();
  for (let session = 0; session < 2; session++) expect(await run(manager, 'talkative')).toEqual(['one\n']);
  expect(compiled).toEqual([manager.plugin('talkative').hash]);
  expect(askedTimes(manager, 'talkative')).toBe(asked);
});

test('a plugin that the cache knows is compiled once and not asked at all', async () => {
  const { directory } = await open({ talkative }).then(async (manager) => {
    await manager.close();
    return manager;
  });
  await collectGarbage();
  compiled = [];
  await using manager = await PluginsManager.open({ directory, bundled: false });
  expect(compiled).toEqual([]);
  expect(await run(manager, 'talkative')).toEqual(['one\n']);
  expect(compiled).toHaveLength(1);
  expect(askedTimes(manager, 'talkative')).toBe(0);
});

test('a plugin that is in no list is asked by its first session, and not by the next', async () => {
  await using manager = await open({});
  const plugin = join(stage.directory, 'elsewhere.wasm');
  await writeFile(plugin, talkative);
  const lines: string[] = [];
  const ask = async () => {
    lines.length = 0;
    const onLog = ({ message }: { message: string }) => void lines.push(message);
    await using session = await manager.ingest({ source: { file }, parser: { plugin }, logLevel: 'debug', onLog });
    expect(session.info.version).toEqual({ major: 1, minor: 0, patch: 0 });
    await texts(session);
  };
  await ask();
  expect(lines).toContain('some news');
  await ask();
  expect(lines).toEqual([]);
  expect(compiled).toHaveLength(1);
});

test('a binary that was exchanged is seen by the next session, also when its size and time are those of the old one', async () => {
  await using manager = await open({ talkative });
  await run(manager, 'talkative');
  const path = manager.plugin('talkative').path;
  const { atime, mtime } = await stat(path);
  await writeFile(path, nothing);
  await utimes(path, atime, mtime);
  await run(manager, 'talkative');
  expect(new Set(compiled).size).toBe(2);
  expect(compiled[1]).toBe(manager.plugin('talkative').hash);
});

test('of many plugins that are only listed, the last ones are held', async () => {
  const binary = await readFile(STRING_PARSER);
  // A custom section of one byte makes each of them another binary.
  const variant = (number: number) => Buffer.concat([binary, Buffer.from([0, 3, 1, 0x6e, number])]);
  const plugins = Object.fromEntries(Array.from({ length: 20 }, (_, number) => [`p${number}`, variant(number)]));
  await using manager = await open(plugins);
  expect(compiled).toHaveLength(20);
  await collectGarbage();
  const hashes = [...compiled];
  const nameOf = (hash: string | undefined) => manager.plugins().find((entry) => entry.hash === hash)?.name ?? '';
  compiled = [];
  await run(manager, nameOf(hashes.at(-1)));
  expect(compiled).toEqual([]);
  await run(manager, nameOf(hashes[0]));
  expect(compiled).toEqual([hashes[0]]);
});

test('each limit on memory is compiled by itself, and what is known of the plugin holds for all', async () => {
  await using manager = await open({ talkative });
  const asked = askedTimes(manager, 'talkative');
  for (const memoryBytes of [64 * 1024 * 1024, 65 * 1024 * 1024, 64 * 1024 * 1024]) {
    const parser = { plugin: 'talkative', memoryBytes };
    await using session = await manager.ingest({ source: { file }, parser, logLevel: 'debug' });
    await texts(session);
    await collectGarbage();
  }
  expect(compiled).toHaveLength(3);
  expect(askedTimes(manager, 'talkative')).toBe(asked);
});

test('a plugin that is added is not compiled again by its first session', async () => {
  await using manager = await open({});
  const folder = await stage.folder('to-add', 'talkative');
  await copyFile(await stage.file('talkative.wasm', talkative), join(folder, 'talkative.wasm'));
  await manager.add(folder);
  await collectGarbage();
  await run(manager, 'talkative');
  expect(compiled).toEqual([manager.plugin('talkative').hash]);
});
