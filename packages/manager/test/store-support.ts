/** What the store's tests share: plugins in several versions, and a check that loads them. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { identifyPlugin } from '@chipmunk-host/hosts/internal';
import { compile, HostError } from '@chipmunk-host/runtime';
import { expect } from 'vitest';
import { DirectoryFiles } from '#store/directory-files.js';
import { type PluginCheck, PluginStore } from '#store/plugin-store.js';
import { STRING_PARSER, type Stage } from './support.js';

/** The same plugin as another binary: a section that means nothing says which. */
export async function binaryOf(version: string, of: string = STRING_PARSER): Promise<Uint8Array> {
  const name = Buffer.from(`version-${version}`);
  const section = Buffer.concat([Buffer.from([0x00, name.length + 1, name.length]), name]);
  return Buffer.concat([await readFile(of), section]);
}

/** The files of a plugin, each of which tells the version. */
export async function filesOf(name: string, version: string): Promise<Record<string, Uint8Array>> {
  return {
    [`${name}.wasm`]: await binaryOf(version),
    [`${name}.toml`]: Buffer.from(`title = "${version}"\n`),
    'README.md': Buffer.from(`# ${version}\n`),
  };
}

/** Makes a folder of a plugin in another one. */
export async function pluginFolder(within: string, name: string, version = 'one'): Promise<string> {
  const folder = join(within, name);
  await mkdir(folder, { recursive: true });
  for (const [file, content] of Object.entries(await filesOf(name, version)))
    await writeFile(join(folder, file), content);
  return folder;
}

/** The version that the files of a folder tell; undefined when there is no folder. Throws when they are not of one version. */
export async function versionIn(folder: string): Promise<string | undefined> {
  const name = basename(folder);
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) return undefined;
  const version = /title = "(.*)"/.exec(await readFile(join(folder, `${name}.toml`), 'utf8'))?.[1] ?? '';
  const expected = await filesOf(name, version);
  if (names.sort().join() !== Object.keys(expected).sort().join()) throw new Error(`${folder} holds ${names.join()}`);
  for (const [file, content] of Object.entries(expected)) {
    if (!(await readFile(join(folder, file))).equals(content))
      throw new Error(`${file} in ${folder} is of another version`);
  }
  return version;
}

/** Compiles the binary in a worker, as the manager does. */
export const loading: PluginCheck = async (directory) => {
  const path = join(directory, `${basename(directory)}.wasm`);
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new HostError('ERR_PLUGIN_NOT_FOUND', `There is no plugin file '${path}'.`, { cause });
  });
  return identifyPlugin(await compile(bytes));
};

/** Everything below a folder, as paths; folders end in '/'. */
export async function tree(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1) + (entry.isDirectory() ? '/' : ''))
    .sort();
}

/** A plugins directory of its own for each test, a folder for what is installed from, and a store. */
export function casesOf(stage: Stage): () => Promise<StoreCase> {
  let counter = 0;
  return async () => {
    const base = await stage.folder(`case-${counter++}`);
    const root = join(base, 'plugins');
    const sources = join(base, 'sources');
    await mkdir(root);
    await mkdir(sources);
    return { base, root, sources, store: new PluginStore(new DirectoryFiles(root), loading) };
  };
}

export interface StoreCase {
  readonly base: string;
  readonly root: string;
  readonly sources: string;
  readonly store: PluginStore;
}

/** Nothing of an operation is left. */
export async function expectNoLeftovers(root: string): Promise<void> {
  expect(await tree(join(root, '.chipmunk-host', 'staging'))).toEqual([]);
  expect(await tree(join(root, '.chipmunk-host', 'lock'))).toEqual([]);
}
