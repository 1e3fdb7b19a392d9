// Builds the two modules of src/api/v0_1_0/lifter/assembly/ into dist/lifter/. Both get their memory from outside; neither may bring data or run code
// when it is instantiated: `read` is instantiated over a plugin's memory, and must leave it as it is.
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const SOURCE = 'src/api/v0_1_0/lifter/assembly';
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

mkdirSync(join(root, 'dist/lifter'), { recursive: true });
await build('read', [...COMMON, ...QUIET], ['write', 'host']);
await build('write', [...COMMON, ...QUIET, ...SHARED], []);

/** @param callees the modules whose functions it may import */
async function build(name, flags, callees) {
  const out = join('dist', 'lifter', `${name}.wasm`);
  const { error, stderr } = await main([join(SOURCE, `${name}.ts`), '--outFile', out, '--baseDir', root, ...flags]);
  if (error !== null || stderr.toString() !== '')
    throw new Error(`${name}: ${error?.message ?? 'warnings'}\n${stderr.toString()}`);
  check(name, readFileSync(join(root, out)), callees);
}

function check(name, bytes, callees) {
  const forbidden = sectionIds(bytes).filter(
    (id) => id === SECTION.start || id === SECTION.data || id === SECTION.dataCount,
  );
  if (forbidden.length > 0)
    throw new Error(`${name}.wasm has a start function or data (sections ${forbidden.join(', ')})`);
  for (const { module, kind } of WebAssembly.Module.imports(new WebAssembly.Module(bytes))) {
    if (kind !== 'memory' && !callees.includes(module)) throw new Error(`${name}.wasm imports a ${kind} of ${module}`);
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
