// Builds the host's own wasm: the modules of the lifter into dist/lifter/, the encoders of batches into dist/encode/, and the selection of
// their rows into dist/select/. They get their memories from outside; none may bring data or run code when it is instantiated: `read` and
// `lift` are instantiated over a plugin's memory, and must leave it as it is.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';
import { withoutInline, withTwoMemories } from './two-memories.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const LIFTER = 'src/api/v0_1_0/lifter/assembly';
const ENCODE = 'src/shared/encode/assembly';
const SELECT = 'src/shared/select/assembly';
const COMMON = [
  '--runtime',
  'stub',
  '--noAssert',
  '--use',
  'abort=',
  '--importMemory',
  '--noExportMemory',
  '--enable',
  'simd',
];
// AS112 warns of v128 in exported functions, which JavaScript could not call: only the other module does.
const QUIET = ['--disableWarning', '112'];
const SHARED = ['--sharedMemory', '--maximumMemory', '65536', '--enable', 'threads'];

const SECTION = { import: 2, start: 8, data: 11, dataCount: 12 };

await build(`${LIFTER}/read.ts`, 'lifter/read.wasm', QUIET, ['write']);
await build(`${LIFTER}/write.ts`, 'lifter/write.wasm', [...QUIET, ...SHARED], []);
await buildOverTwoMemories(`${LIFTER}/two-memories/lift.ts`, 'lifter/lift.wasm');
await build(`${ENCODE}/encoder.ts`, 'encode/encoder.wasm', SHARED, []);
await build(`${ENCODE}/columns/columns.ts`, 'encode/columns.wasm', SHARED, []);
await build(`${SELECT}/select.ts`, 'select/select.wasm', SHARED, []);

/** @param callees the modules whose functions it may import */
async function build(source, name, flags, callees) {
  const out = join('dist', name);
  mkdirSync(dirname(join(root, out)), { recursive: true });
  await compile(source, ['--outFile', out, '-O3', ...flags]);
  const bytes = readFileSync(join(root, out));
  checkSections(name, bytes);
  for (const { module, kind } of WebAssembly.Module.imports(new WebAssembly.Module(bytes))) {
    if (kind !== 'memory' && !callees.includes(module)) throw new Error(`${name} imports a ${kind} of ${module}`);
  }
}

async function buildOverTwoMemories(source, name) {
  let text = '';
  await compile(source, ['--textFile', 'folded.wast', ...QUIET, ...SHARED], {
    readFile: (file, folder) => {
      const source = textAt(join(folder, file));
      return source === undefined ? null : withoutInline(source);
    },
    writeFile: (_, contents) => {
      text = contents;
    },
  });
  const binary = withTwoMemories(text);
  checkSections(name, binary);
  writeFileSync(join(root, 'dist', name), binary);
}

/** @param files functions in place of those by which the compiler reads and writes files */
async function compile(source, flags, files = {}) {
  const { error, stderr } = await main([source, '--baseDir', root, ...COMMON, ...flags], files);
  if (error !== null || stderr.toString() !== '')
    throw new Error(`${source}: ${error?.message ?? 'warnings'}\n${stderr.toString()}`);
}

/** The compiler asks for files that may not be there. */
function textAt(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function checkSections(name, bytes) {
  const forbidden = sectionIds(bytes).filter(
    (id) => id === SECTION.start || id === SECTION.data || id === SECTION.dataCount,
  );
  if (forbidden.length > 0) throw new Error(`${name} has a start function or data (sections ${forbidden.join(', ')})`);
}

function sectionIds(bytes) {
  const ids = [];
  let at = 8;
  while (at < bytes.length) {
    ids.push(bytes[at++]);
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    at += size;
  }
  return ids;
}
