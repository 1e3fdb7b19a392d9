// Bundles the program from dist/main.js into dist/bundled/, which the command starts: to load a few files in place of three hundred takes
// half the time. What the package itself depends on is loaded from where it is installed, and so are the programs of threads, wasm and
// plugins of the other packages.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = realFolder(new URL('..', import.meta.url));
const target = join(root, 'dist', 'bundled');
const { dependencies } = manifestIn(root);
const installed = Object.keys(dependencies).filter((name) => !name.startsWith('@chipmunk-host/'));
/** Asked for by the manager and by commands where somebody has them. */
const OPTIONAL = ['@opentelemetry/api', '@chipmunk-host/spool'];

rmSync(target, { recursive: true, force: true });
const build = await rolldown({
  input: { main: join(root, 'dist', 'main.js') },
  platform: 'node',
  // Without the decoder in native code, which cannot be bundled.
  resolve: { alias: { msgpackr$: 'msgpackr/pack' } },
  external: [/^node:/, ...OPTIONAL, ...installed],
  plugins: [{ name: 'urls-of-modules', transform: { filter: { code: 'import.meta.url' }, handler: withOwnUrl } }],
});
const { output } = await build.write({
  dir: target,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
  comments: { legal: true, annotation: false, jsdoc: false },
});
await build.close();
writeTerms(new Set(output.flatMap(({ moduleIds = [] }) => moduleIds.map(packageOf))));

/** A module's own URL is that of the file that it came from: what it names is found from there, wherever that package is installed. */
function withOwnUrl(code, id) {
  const home = packageOf(id);
  // The bundler's own, which means the file that it is put in.
  if (home === undefined) return code;
  const { name } = manifestIn(home);
  const path = (folder, to) => JSON.stringify(relative(folder, to).split(sep).join('/'));
  const own = `new URL(${path(target, id)}, import.meta.url)`;
  if (home === root) return code.replaceAll('import.meta.url', own);
  if (!(name in dependencies)) throw new Error(`${name} has files beside its modules: name it in dependencies.`);
  const other = `new URL(${path(home, id)}, import.meta.resolve(${JSON.stringify(`${name}/package.json`)}))`;
  return code.replaceAll('import.meta.url', other);
}

/** Their licences ask for it. They are not called licences: pnpm would take one for the package's own. */
function writeTerms(homes) {
  mkdirSync(join(target, 'terms'));
  for (const home of homes) {
    const { name, private: isPrivate } = home === undefined ? { name: '@chipmunk-host/' } : manifestIn(home);
    if (name.startsWith('@chipmunk-host/') || isPrivate) continue;
    const file = readdirSync(home).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} is bundled, and has no licence.`);
    writeFileSync(join(target, 'terms', `${name.replace('/', '-')}.txt`), readFileSync(join(home, file)));
  }
}

/** The folder of the package that a file is in; undefined for what the bundler adds. */
function packageOf(id) {
  for (let folder = dirname(id); folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(join(folder, 'package.json')) && manifestIn(folder).name !== undefined) return folder;
  return undefined;
}

function manifestIn(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

function realFolder(url) {
  return dirname(join(fileURLToPath(url), 'package.json'));
}
