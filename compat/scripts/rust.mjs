// Builds the Rust plugins with cargo and the wasm32-wasip1 target. The adapter from preview 1 comes from the registry, too: the
// workspace's lock file names it.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { component } from './component.mjs';
import { packageVersion, run, versionOf } from './toolchain.mjs';

const WORKSPACE = join(import.meta.dirname, '..', 'components', 'rust');
const TARGET = 'wasm32-wasip1';
const ADAPTER = 'wasi-preview1-component-adapter-provider';

/** Why nothing can be built here; undefined when it can. */
export function rustIsMissing() {
  if (versionOf('cargo') === undefined) return 'there is no cargo';
  const library = versionOf('rustc', ['--print', 'target-libdir', '--target', TARGET]);
  try {
    readFileSync(join(library ?? '', 'self-contained', 'crt1-reactor.o'));
    return undefined;
  } catch {
    return `rustc has no library for ${TARGET}: rustup target add ${TARGET}`;
  }
}

export function rustVersions() {
  return { rustc: versionOf('rustc'), 'jco-transpile': packageVersion('@bytecodealliance/jco-transpile') };
}

/** @returns the component */
export function buildRust({ crate, features = [] }) {
  const { packages, target_directory: targetDirectory } = metadata();
  const registry = dirname(adapterFolder(packages));
  const flags = [`--remap-path-prefix=${WORKSPACE}=interop`, `--remap-path-prefix=${registry}=crates`];
  const chosen = features.length === 0 ? [] : ['--no-default-features', '--features', features.join(',')];
  run('cargo', ['build', '--release', '--locked', '--target', TARGET, '-p', crate, ...chosen], {
    cwd: WORKSPACE,
    env: { ...process.env, CARGO_ENCODED_RUSTFLAGS: flags.join('\x1f') },
  });
  const built = join(targetDirectory, TARGET, 'release', `${crate.replaceAll('-', '_')}.wasm`);
  return component(readFileSync(built), adapter());
}

/** For every module that was made for preview 1. */
export function adapter() {
  return readFileSync(join(adapterFolder(metadata().packages), 'artefacts', 'wasi_snapshot_preview1.reactor.wasm'));
}

let known;

function metadata() {
  known ??= JSON.parse(run('cargo', ['metadata', '--format-version', '1', '--locked'], { cwd: WORKSPACE }));
  return known;
}

function adapterFolder(packages) {
  return dirname(packages.find(({ name }) => name === ADAPTER).manifest_path);
}
