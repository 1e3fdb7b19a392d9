// Builds plugins for tests once, and keeps them by the content of all that goes into them: a build takes seconds.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const KEPT = join(import.meta.dirname, '..', 'node_modules', '.cache', 'plugins');
const SDK = dirname(dirname(createRequire(import.meta.url).resolve('@chipmunk-host/sdk')));

/** @see the types in kept-plugin.d.mts */
export async function keptPlugin(options) {
  const path = join(KEPT, `${options.name}-${inputHash(options)}.wasm`);
  if (existsSync(path)) return readFile(path);
  const { buildPlugin } = await import('@chipmunk-host/sdk');
  const { component } = await buildPlugin(options);
  await mkdir(KEPT, { recursive: true });
  // Whole or not there: other processes look for it meanwhile.
  const unfinished = `${path}.${randomUUID()}`;
  await writeFile(unfinished, component);
  await rename(unfinished, path);
  return component;
}

function inputHash(options) {
  const hash = createHash('sha256').update(JSON.stringify(options)).update(sdkHash());
  if (options.entry !== undefined) hash.update(readFileSync(options.entry));
  return hash.digest('hex').slice(0, 32);
}

let hashOfSdk;

function sdkHash() {
  if (hashOfSdk !== undefined) return hashOfSdk;
  const hash = createHash('sha256');
  for (const folder of ['assembly', 'dist']) {
    for (const name of readdirSync(join(SDK, folder), { recursive: true, encoding: 'utf8' }).sort())
      if (/\.(ts|js|wit)$/.test(name)) hash.update(name).update(readFileSync(join(SDK, folder, name)));
  }
  hashOfSdk = hash.digest('hex');
  return hashOfSdk;
}
