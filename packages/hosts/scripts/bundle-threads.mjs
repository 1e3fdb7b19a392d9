// Bundles the programs of plugins' threads from dist/worker/*.worker.js into dist/threads/. Every thread loads its program anew: one file takes
// less than half the time of a hundred, and 1 to 2 MB less memory. What a program seldom needs stays in files of its own.
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(root, 'dist', 'threads');
/** What each program loads only when it needs it. */
const ON_DEMAND = {
  parser:
    /\/(?:wasi\/|byte-source|quarantine|tree-removal|encode\/|shared\/select\/|slot-encoder|raw-rows|selecting|row-picker|slot-selector|selected-batch|cpu-profile)/,
  'byte-source': /\/(?:(?:wasi|parser|lifter|output)\/|tree-removal|cpu-profile)/,
};
/** Packages that go into the bundle; each other one is loaded from where it is installed. */
const BUNDLED = /^(?:[./#]|@chipmunk-host\/|comlink$)/;

rmSync(target, { recursive: true, force: true });
for (const program of Object.keys(ON_DEMAND)) await bundle(program);
// Its licence asks for it. It is not called a licence: pnpm would take it for the package's own, and pack none.
copyFileSync(join(root, 'node_modules', 'comlink', 'LICENSE'), join(target, 'comlink-terms.txt'));

/** One at a time: what the programs share would else be in files of its own. */
async function bundle(program) {
  const build = await rolldown({
    input: { [program]: join(root, 'dist', 'worker', `${program}.worker.js`) },
    platform: 'node',
    preserveEntrySignatures: 'allow-extension',
    external: (id, _importer, isResolved) => !isResolved && !BUNDLED.test(id),
    resolve: { mainFields: ['module', 'main'] },
    plugins: [{ name: 'urls-of-modules', transform: { filter: { code: 'import.meta.url' }, handler: withOwnUrl } }],
  });
  const { output } = await build.write({
    dir: target,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: `${program}-[name]-[hash].js`,
    codeSplitting: { groups: [{ name: 'program', test: (id) => !ON_DEMAND[program].test(id) }] },
    comments: { legal: true, annotation: false, jsdoc: false },
  });
  await build.close();
  for (const { fileName, code } of output) writeFileSync(join(target, fileName), inAscii(code));
  const foreign = output.find(({ isEntry }) => isEntry).imports.filter((name) => !/^node:|\.js$/.test(name));
  if (foreign.length > 0) throw new Error(`Each thread of a ${program} would load ${foreign.join(', ')}.`);
}

/** A module's own URL is that of the file that it came from: what it names is found from there. */
function withOwnUrl(code, id) {
  const path = relative(target, id).split(sep).join('/');
  return code.replaceAll('import.meta.url', `new URL(${JSON.stringify(path)}, import.meta.url)`);
}

/** Each thread keeps the text of its program, with two bytes for every character where there is one beyond Latin-1. Only strings have such. */
function inAscii(code) {
  return code.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
