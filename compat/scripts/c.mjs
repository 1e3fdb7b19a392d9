// Builds the C plugins with clang and Debian's wasi-libc. The description of the plugin's world and the adapter from preview 1 go
// in afterwards; the adapter comes with the Rust plugins' lock file.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { component, embed } from './component.mjs';
import { adapter } from './rust.mjs';
import { packageVersion, run, versionOf } from './toolchain.mjs';

const FOLDER = join(import.meta.dirname, '..', 'components', 'c');
const CLANG = 'clang-19';

/** Why nothing can be built here; undefined when it can. */
export function cIsMissing() {
  if (versionOf(CLANG) === undefined) return `there is no ${CLANG}`;
  if (versionOf('wasm-ld-19') === undefined) return 'there is no wasm-ld-19: install lld-19';
  if (!existsSync('/usr/lib/wasm32-wasi/crt1-reactor.o')) return 'there is no wasi-libc in /usr/lib/wasm32-wasi';
  const runtime = versionOf(CLANG, ['--target=wasm32-wasi', '--print-libgcc-file-name']);
  if (!existsSync(runtime ?? '')) return 'there is no run-time library for wasm32: install libclang-rt-19-dev-wasm32';
  if (versionOf('cargo') === undefined) return 'there is no cargo to fetch the adapter with';
  return undefined;
}

export function cVersions() {
  return {
    clang: versionOf(CLANG),
    'wasi-libc': versionOf('dpkg-query', ['-W', '-f', '$\x7bVersion}', 'wasi-libc']) ?? 'unknown',
    'jco-transpile': packageVersion('@bytecodealliance/jco-transpile'),
  };
}

/** @returns the component */
export async function buildC({ name }) {
  const scratch = mkdtempSync(join(tmpdir(), 'interop-c-'));
  try {
    const built = join(scratch, `${name}.wasm`);
    const warnings = ['-std=c17', '-Wall', '-Wextra', '-Werror'];
    const flags = ['--target=wasm32-wasi', '-mexec-model=reactor', '-Os', '-g0', '-Wl,--strip-debug', ...warnings];
    run(CLANG, [...flags, '-o', built, `${name}.c`], { cwd: join(FOLDER, name) });
    return component(await embed(readFileSync(built), { kind: 'parser' }), adapter());
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
