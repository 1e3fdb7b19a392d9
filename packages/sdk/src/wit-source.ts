/** The WIT that a plugin is built against as one text with nested packages, which is what `componentEmbed` takes. */
import { readFile } from 'node:fs/promises';

/** The plugin interface, copied here by the package's own build. */
const PLUGIN_DIRECTORY = new URL('./wit/v0.1.0/', import.meta.url);
/** What this project's own host takes besides. */
const ROWS_FILE = new URL('./wit/rows/v0.1.0/rows.wit', import.meta.url);
/** The part of WASI that the guest library has functions for. */
const WASI_DIRECTORY = new URL('../wit/', import.meta.url);

const PLUGIN_FILES = ['shared', 'parser', 'bytesource'].map((name) => new URL(`${name}/${name}.wit`, PLUGIN_DIRECTORY));
const WASI_FILES = ['clocks', 'filesystem'].map((name) => new URL(`${name}.wit`, WASI_DIRECTORY));

export const PLUGIN_WORLD = 'plugin';

/** The beginning of the names of the functions that the guest library imports of WASI. */
export const WASI_PREFIX = 'wasi:filesystem/';
const WASI_IMPORTS = ['types', 'preopens'].map((name) => `import ${WASI_PREFIX}${name}@0.2.0;`);

export interface WorldParts {
  readonly usesWasi: boolean;
  /** What the component exports, in that order: first the world's own interface, by which hosts know a plugin, then any of `chipmunk-host:rows`. */
  readonly exports: readonly string[];
}

/**
 * The text, with a world `PLUGIN_WORLD` that is the given one, such as `chipmunk:parser/parse@0.1.0`, and that imports WASI only
 * if it is used.
 */
export async function witSource(world: string, { usesWasi, exports }: WorldParts): Promise<string> {
  const files = [...(usesWasi ? WASI_FILES : []), ...PLUGIN_FILES, ...(exports.length > 1 ? [ROWS_FILE] : [])];
  const members = [`include ${world};`, ...(usesWasi ? WASI_IMPORTS : []), ...exports.map((name) => `export ${name};`)];
  const nested = await Promise.all(files.map(nestedPackage));
  return `package chipmunk:plugin;\nworld ${PLUGIN_WORLD} { ${members.join(' ')} }\n${nested.join('\n')}`;
}

async function nestedPackage(file: URL): Promise<string> {
  const text = await readFile(file, 'utf8');
  return text.replace(/^package ([^;]+);/m, 'package $1 {').concat('\n}\n');
}
