// Builds the host's own wasm: the two modules of the lifter into dist/lifter/, and the encoder of batches into dist/encode/. They get their
// memory from outside; none may bring data or run code when it is instantiated: `read` is instantiated over a plugin's memory, and must
// leave it as it is.
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const LIFTER = 'src/api/v0_1_0/lifter/assembly';
const ENCODE = 'src/shared/encode/assembly';
const COMMON = [
  '-O3',
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

await build(`${LIFTER}/read.ts`, 'lifter/read.wasm', [...COMMON, ...QUIET], ['write', 'host']);
await build(`${LIFTER}/write.ts`, 'lifter/write.wasm', [...COMMON, ...QUIET, ...SHARED], []);
await build(`${ENCODE}/encoder.ts`, 'encode/encoder.wasm', [...COMMON, ...SHARED], []);

/** @param callees the modules whose functions it may import */
async function build(source, name, flags, callees) {
  const out = join('dist', name);
  mkdirSync(dirname(join(root, out)), { recursive: true });
  const { error, stderr } = await main([source, '--outFile', out, '--baseDir', root, ...flags]);
  if (error !== null || stderr.toString() !== '')
    throw new Error(`${name}: ${error?.message ?? 'warnings'}\n${stderr.toString()}`);
  check(name, readFileSync(join(root, out)), callees);
}

function check(name, bytes, callees) {
  const forbidden = sectionIds(bytes).filter(
    (id) => id === SECTION.start || id === SECTION.data || id === SECTION.dataCount,
  );
  if (forbidden.length > 0) throw new Error(`${name} has a start function or data (sections ${forbidden.join(', ')})`);
  for (const { module, kind } of WebAssembly.Module.imports(new WebAssembly.Module(bytes))) {
    if (kind !== 'memory' && !callees.includes(module)) throw new Error(`${name} imports a ${kind} of ${module}`);
  }
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
