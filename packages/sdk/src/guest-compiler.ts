/** Compiles a plugin's AssemblyScript, together with the guest library, to a core module. */
import { readFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Program, Runtime, setRuntime, setStackSize } from 'assemblyscript';
import { main as compile, type Transform } from 'assemblyscript/asc';
import { BuildError, reasonOf } from './build-error.js';
import type { KindDescription, OptionalExport } from './plugin-kind.js';

/** What plugins import the guest library as. */
const GUEST_LIBRARY = '@chipmunk-host/sdk/assembly';
const GUEST_DIRECTORY = fileURLToPath(new URL('../assembly/', import.meta.url));

/** Files that exist only in the compiler's eyes; it looks for them in the base directory. */
const MAIN_FILE = 'chipmunk-plugin-main.ts';
const RUNTIME_NAME = 'chipmunk-plugin-runtime';

const OUT_FILE = 'plugin.wasm';

export interface GuestOptions {
  /** The author's file, or its text. */
  readonly entry: { readonly path: string } | { readonly source: string };
  readonly kind: KindDescription;
  /** Diagnostics name files relative to it. */
  readonly baseDirectory: string;
  readonly optimize: boolean;
  readonly names: boolean;
}

export interface GuestModule {
  readonly module: Uint8Array;
  /** What the compiler printed: warnings. */
  readonly diagnostics: string;
  /** Those of the kind's optional exports that the plugin uses. Of the others the module has nothing. */
  readonly used: readonly OptionalExport[];
}

/** @throws {BuildError} with the compiler's diagnostics when the plugin does not compile */
export async function compileGuest(options: GuestOptions): Promise<GuestModule> {
  const files = new GuestFiles(options);
  const unused = new UnusedExports(options.kind.optional);
  const printed: string[] = [];
  const output = { write: (chunk: Uint8Array | string) => void printed.push(Buffer.from(chunk).toString()) };
  const { error } = await compile(compilerArguments(options), {
    stdout: output,
    stderr: output,
    readFile: (name, base) => files.read(name, base),
    writeFile: (name, content) => {
      if (name === OUT_FILE) files.module = Buffer.from(content);
    },
    listFiles: () => null,
    // The compiler makes instances of classes, which its types do not say.
    transforms: [OwnRuntime, unused.transform] as unknown as Transform[],
  });
  const diagnostics = printed
    .join('')
    .replace(/^FAILURE .*$/m, '')
    .trim();
  if (error) throw new BuildError('build', diagnostics === '' ? reasonOf(error) : diagnostics, { cause: error });
  if (files.module === undefined) throw new BuildError('build', 'the compiler wrote no module');
  return { module: files.module, diagnostics, used: unused.used };
}

function compilerArguments({ baseDirectory, optimize, names }: GuestOptions): string[] {
  const level = optimize ? ['--optimizeLevel', '3', '--shrinkLevel', '0'] : [];
  return [
    MAIN_FILE,
    ...['--baseDir', baseDirectory, '--outFile', OUT_FILE, '--runtime', RUNTIME_NAME, '--enable', 'simd'],
    ...['--use', `abort=~lib/${GUEST_LIBRARY}/abort/abort`],
    ...level,
    ...(names ? ['--debug'] : []),
  ];
}

/**
 * The compiler takes every runtime that it does not know for an incremental one, which keeps a stack of the objects in
 * local variables. Ours collects between calls only, when there are none, as the compiler's own minimal runtime does.
 */
class OwnRuntime {
  declare readonly program: Program;

  afterParse(): void {
    setRuntime(this.program.options, Runtime.Minimal);
    setStackSize(this.program.options, 0);
    this.program.module.useShadowStack = false;
  }
}

/** The part of the compiler's module that is used. */
interface CompiledModule {
  /** 0 when there is none of that name. */
  getFunction(name: string): number;
  removeExport(name: string): void;
}

/** Takes exports out of the module that the plugin has no use for, before what is not used is left out. */
class UnusedExports {
  readonly #optional: readonly OptionalExport[];
  used: readonly OptionalExport[] = [];
  readonly transform = { afterCompile: (module: CompiledModule) => this.#remove(module) };

  constructor(optional: readonly OptionalExport[]) {
    this.#optional = optional;
  }

  #remove(module: CompiledModule): void {
    const isUsed = ({ marker }: OptionalExport) => module.getFunction(`~lib/${GUEST_LIBRARY}/${marker}`) !== 0;
    this.used = this.#optional.filter(isUsed);
    for (const { exports } of this.#optional.filter((optional) => !isUsed(optional)))
      for (const name of exports.keys()) module.removeExport(name);
  }
}

/** Where the compiler's files come from: the guest library wherever the plugin lies, the plugin, and what joins the two. */
class GuestFiles {
  module: Uint8Array | undefined;
  readonly #options: GuestOptions;

  constructor(options: GuestOptions) {
    this.#options = options;
  }

  async read(name: string, base: string): Promise<string | null> {
    const path = resolve(base, name);
    const { entry } = this.#options;
    if (path === this.#inBase(MAIN_FILE)) return this.#main();
    if (path === this.#inBase(`${RUNTIME_NAME}.ts`)) return `import '${GUEST_LIBRARY}/heap';\nimport 'rt/tcms';\n`;
    if (path === this.#inBase('asconfig.json')) return null;
    if ('source' in entry && path === this.#inBase('plugin.ts')) return entry.source;
    return readText(inGuestLibrary(path) ?? path);
  }

  #inBase(name: string): string {
    return resolve(this.#options.baseDirectory, name);
  }

  /** The compiler's entry file, whose exports become the module's. */
  #main(): string {
    const { kind, entry, baseDirectory } = this.#options;
    const path = 'path' in entry ? relative(baseDirectory, entry.path) : 'plugin.ts';
    const specifier = path.replace(/\.ts$/, '').split(sep).join('/');
    const optional = kind.optional.flatMap(({ exports }) => [...exports.keys()]);
    const functions = ['cabi_realloc', 'post', ...kind.exports.keys(), ...optional];
    return [
      `import '${GUEST_LIBRARY}/abort';`,
      `import { ${kind.baseClass} } from '${GUEST_LIBRARY}';`,
      `import { provide } from '${GUEST_LIBRARY}/${kind.exportsModule}';`,
      `import { create } from '${specifier.startsWith('.') ? specifier : `./${specifier}`}';`,
      `export { ${functions.join(', ')} } from '${GUEST_LIBRARY}/${kind.exportsModule}';`,
      `provide((): ${kind.baseClass} => create());`,
    ].join('\n');
  }
}

/** Where a file that the compiler looks for in some `node_modules` really is, if it belongs to the guest library. */
function inGuestLibrary(path: string): string | undefined {
  const marker = `node_modules/${GUEST_LIBRARY}`;
  const normal = path.split(sep).join('/');
  const at = normal.lastIndexOf(`${marker}/`);
  return at === -1 ? undefined : join(GUEST_DIRECTORY, normal.slice(at + marker.length + 1));
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // The compiler tries several places and says itself that a file was nowhere.
    return null;
  }
}
