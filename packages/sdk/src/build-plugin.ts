/** Builds a plugin: AssemblyScript in, a component out, in the layout of Chipmunk's plugin directories. */
import { copyFile, mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { BuildError } from './build-error.js';
import { linkComponent } from './component-linker.js';
import { compileGuest, type GuestOptions } from './guest-compiler.js';
import { isPluginKind, KINDS, PLUGIN_KINDS, type PluginKind } from './plugin-kind.js';

/** What a plugin is built from, and where it is written. */
export interface BuildOptions {
  readonly kind: PluginKind;
  /** The AssemblyScript file that exports `create`. Either this or `source`. */
  readonly entry?: string | undefined;
  /** The text of such a file, for plugins that lie nowhere. */
  readonly source?: string | undefined;
  /** The component's name: what its file and its plugin directory are called. */
  readonly name: string;
  /** Where `<name>.wasm` is written; made if missing. Nothing is written without it. */
  readonly outDir?: string | undefined;
  /** The plugin's own folder: `<name>.toml` and `README.md` in it are copied to `outDir`. Default: none are copied. */
  readonly packageDir?: string | undefined;
  /** Keeps the names of functions, which stacks of traps show. Default false. */
  readonly names?: boolean | undefined;
  /** Compiles fast and without optimisation, with names. Default false. */
  readonly debug?: boolean | undefined;
}

/** A plugin that was built. */
export interface BuiltPlugin {
  /** The component. */
  readonly component: Uint8Array;
  /** Where it was written; undefined without `outDir`. */
  readonly path: string | undefined;
  /** The compiler's warnings, as it prints them; empty for none. */
  readonly warnings: string;
}

/**
 * Builds a plugin: takes a second or two, since the compiler is loaded and runs in this thread.
 *
 * @throws {BuildError} that says what is wrong with the plugin (`build`), or with what was asked for (`usage`)
 */
export async function buildPlugin(options: BuildOptions): Promise<BuiltPlugin> {
  const { kind, name, outDir, packageDir, debug = false, names = false } = options;
  if (!isPluginKind(kind)) {
    throw new BuildError('usage', `unknown kind of plugin '${String(kind)}'; expected ${PLUGIN_KINDS.join(' or ')}`);
  }
  if (!/^[\w.-]+$/.test(name) || name.startsWith('.')) {
    throw new BuildError('usage', `'${name}' is not a valid plugin name: use letters, digits, '-', '_' and '.'`);
  }
  const entry = await entryOf(options);
  const { module, diagnostics, used } = await compileGuest({
    entry,
    kind: KINDS[kind],
    baseDirectory: resolve(packageDir ?? ('path' in entry ? dirname(entry.path) : '.')),
    optimize: !debug,
    names: names || debug,
  });
  const component = await linkComponent(module, KINDS[kind], used);
  const path = outDir === undefined ? undefined : await writePlugin(component, name, resolve(outDir), packageDir);
  return { component, path, warnings: diagnostics };
}

async function entryOf({ entry, source }: BuildOptions): Promise<GuestOptions['entry']> {
  if (source !== undefined && entry === undefined) return { source };
  if (source !== undefined || entry === undefined) {
    throw new BuildError('usage', 'a plugin is built from an entry file or from a source text');
  }
  const path = resolve(entry);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile()) throw new BuildError('build', `there is no entry file ${path}`);
  if (!path.endsWith('.ts')) throw new BuildError('build', `the entry file ${path} is not a .ts file`);
  return { path };
}

async function writePlugin(component: Uint8Array, name: string, outDir: string, packageDir?: string): Promise<string> {
  const path = join(outDir, `${name}.wasm`);
  await mkdir(outDir, { recursive: true });
  await writeFile(path, component);
  if (packageDir !== undefined) {
    for (const file of [`${name}.toml`, 'README.md']) await copyIfPresent(join(packageDir, file), join(outDir, file));
  }
  return path;
}

async function copyIfPresent(from: string, to: string): Promise<void> {
  if (await stat(from).catch(() => undefined)) await copyFile(from, to);
}
