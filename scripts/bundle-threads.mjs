// Bundles the programs of a package's threads from dist/worker/*.worker.js into dist/threads/. Every thread loads its program anew: one file
// takes less than half the time of a hundred, and 1 to 2 MB less memory. What a program seldom needs stays in files of its own.
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Packages that go into the bundle; each other one is loaded from where it is installed. */
const BUNDLED = /^(?:[./#]|@chipmunk-host\/|comlink$)/;

/**
 * @param rolldown the bundler, as the package has it
 * @param root the package's folder
 * @param onDemand by the names of the programs, what each loads only when it needs it
 */
export async function bundleThreads({ rolldown, root, onDemand }) {
  const target = join(root, 'dist', 'threads');
  rmSync(target, { recursive: true, force: true });
  // One at a time: what the programs share would else be in files of its own.
  for (const program of Object.keys(onDemand)) await bundle(rolldown, root, target, program, onDemand[program]);
  return target;
}

async function bundle(rolldown, root, target, program, onDemand) {
  const build = await rolldown({
    input: { [program]: join(root, 'dist', 'worker', `${program}.worker.js`) },
    platform: 'node',
    preserveEntrySignatures: 'allow-extension',
    external: (id, _importer, isResolved) => !isResolved && !BUNDLED.test(id),
    resolve: { mainFields: ['module', 'main'] },
    plugins: [
      {
        name: 'urls-of-modules',
        transform: { filter: { code: 'import.meta.url' }, handler: (code, id) => withOwnUrl(code, id, target) },
      },
    ],
  });
  const { output } = await build.write({
    dir: target,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: `${program}-[name]-[hash].js`,
    codeSplitting: { groups: [{ name: 'program', test: (id) => !onDemand.test(id) }] },
    comments: { legal: true, annotation: false, jsdoc: false },
  });
  await build.close();
  for (const { fileName, code } of output) writeFileSync(join(target, fileName), inAscii(code));
  const foreign = output.find(({ isEntry }) => isEntry).imports.filter((name) => !/^node:|\.js$/.test(name));
  if (foreign.length > 0) throw new Error(`Each thread of a ${program} would load ${foreign.join(', ')}.`);
}

/** A module's own URL is that of the file that it came from: what it names is found from there. */
function withOwnUrl(code, id, target) {
  const path = relative(target, id).split(sep).join('/');
  return code.replaceAll('import.meta.url', `new URL(${JSON.stringify(path)}, import.meta.url)`);
}

/** Each thread keeps the text of its program, with two bytes for every character where there is one beyond Latin-1. Only strings have such. */
function inAscii(code) {
  return code.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The licence of what is bundled asks for it. It is not called a licence: pnpm would take it for the package's own, and pack none. */
export function copyTerms(root, target) {
  copyFileSync(join(root, 'node_modules', 'comlink', 'LICENSE'), join(target, 'comlink-terms.txt'));
}
