/** Builds the plugin of the fault tests once, and keeps it by the content of everything that goes into it. */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { buildPlugin } from '@chipmunk-host/sdk';

const ENTRY = join(import.meta.dirname, 'assembly', 'faulty-lines.ts');
const PACKAGE = join(import.meta.dirname, '..', '..');
const CACHE = join(PACKAGE, 'node_modules', '.cache', 'faulty-plugin');
const SDK = dirname(dirname(createRequire(import.meta.url).resolve('@chipmunk-host/sdk')));

/** @returns {Promise<Uint8Array>} the component */
export async function faultyPlugin() {
  const path = join(CACHE, `${inputHash()}.wasm`);
  if (existsSync(path)) return readFile(path);
  const { component } = await buildPlugin({ kind: 'parser', name: 'faulty-lines', entry: ENTRY, names: true });
  await mkdir(CACHE, { recursive: true });
  const unfinished = `${path}.${randomUUID()}`;
  await writeFile(unfinished, component);
  await rename(unfinished, path);
  return component;
}

function inputHash() {
  const hash = createHash('sha256').update(readFileSync(ENTRY));
  for (const folder of ['assembly', 'dist']) {
    for (const name of readdirSync(join(SDK, folder), { recursive: true, encoding: 'utf8' }).sort())
      if (/\.(ts|js|wit)$/.test(name)) hash.update(name).update(readFileSync(join(SDK, folder, name)));
  }
  return hash.digest('hex').slice(0, 32);
}
