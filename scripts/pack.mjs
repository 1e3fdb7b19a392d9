// Packs every package that is published, as it is published: `workspace:` and `catalog:` become versions. They must be built.
//
//   node scripts/pack.mjs [DIRECTORY]     default: packs
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const pnpm = join(root, 'node_modules', 'pnpm', 'bin', 'pnpm.cjs');

/** Those that are not private, each behind those that it depends on. */
export function publishedPackages() {
  const manifests = readdirSync(join(root, 'packages'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ folder: join(root, 'packages', name), ...manifestIn(join(root, 'packages', name)) }))
    .filter(({ name, private: isPrivate }) => name !== undefined && isPrivate !== true);
  const ordered = new Set();
  const add = (manifest) => {
    for (const other of manifests) if (manifest.dependencies?.[other.name] !== undefined) add(other);
    ordered.add(manifest);
  };
  for (const manifest of manifests) add(manifest);
  return [...ordered];
}

function manifestIn(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}

/** @returns the paths of the archives, by name of the package, in the order of `publishedPackages` */
export function packAll(directory) {
  mkdirSync(directory, { recursive: true });
  for (const name of readdirSync(directory)) if (name.endsWith('.tgz')) rmSync(join(directory, name));
  return new Map(publishedPackages().map(({ name, folder }) => [name, pack(folder, directory)]));
}

function pack(folder, directory) {
  const args = [pnpm, 'pack', '--json', '--pack-destination', directory];
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`cannot pack ${folder}:\n${stdout}${stderr}`);
  const { filename } = JSON.parse(stdout);
  return resolve(directory, filename);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const directory = resolve(process.argv[2] ?? join(root, 'packs'));
  for (const [name, path] of packAll(directory)) console.log(`${name}  ${relative(process.cwd(), path)}`);
}
