// Puts the plugins that we ship into dist/plugins, in the layout of a plugins directory: every package of this workspace
// among the devDependencies whose package.json says that it is a plugin.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folders = { parser: 'parsers', bytesource: 'bytesources' };
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, 'dist', 'plugins');

rmSync(target, { recursive: true, force: true });
const { devDependencies } = readJson(join(root, 'package.json'));
for (const dependency of Object.keys(devDependencies).filter((name) => name.startsWith('@chipmunk-host/'))) {
  // Not resolved as an import: a package that is no plugin need not export its manifest.
  const manifest = join(root, 'node_modules', dependency, 'package.json');
  const plugin = readJson(manifest).chipmunkPlugin;
  if (plugin !== undefined) collect(dirname(manifest), plugin);
}

function collect(packageDirectory, { kind, name }) {
  const binary = join(packageDirectory, 'dist', `${name}.wasm`);
  if (!existsSync(binary)) throw new Error(`${binary} is missing: build the plugin first (npm run build)`);
  const directory = join(target, folders[kind], name);
  mkdirSync(directory, { recursive: true });
  copyFileSync(binary, join(directory, `${name}.wasm`));
  for (const file of [`${name}.toml`, 'README.md']) {
    const from = [join(packageDirectory, 'dist', file), join(packageDirectory, file)].find(existsSync);
    if (from !== undefined) copyFileSync(from, join(directory, file));
  }
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
