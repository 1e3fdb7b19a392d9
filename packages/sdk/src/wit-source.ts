// The WIT that a plugin is built against as one text with nested packages, which is what `componentEmbed` takes.

import { readFile } from 'node:fs/promises';

/** The plugin interface, copied here by the package's own build. */
const pluginDirectory = new URL('./wit/v0.1.0/', import.meta.url);
/** The part of WASI that the guest library has functions for. */
const wasiDirectory = new URL('../wit/', import.meta.url);

const pluginFiles = ['shared', 'parser', 'bytesource'].map((name) => new URL(`${name}/${name}.wit`, pluginDirectory));
const wasiFiles = ['clocks', 'filesystem'].map((name) => new URL(`${name}.wit`, wasiDirectory));

export const pluginWorld = 'plugin';

/** The beginning of the names of the functions that the guest library imports of WASI. */
export const wasiPrefix = 'wasi:filesystem/';
const wasiImports = ['types', 'preopens'].map((name) => `import ${wasiPrefix}${name}@0.2.0;`);

/**
 * The text, with a world `pluginWorld` that is the given one, such as `chipmunk:parser/parse@0.1.0`, and that imports WASI only
 * if it is used.
 */
export async function witSource(world: string, { usesWasi }: { readonly usesWasi: boolean }): Promise<string> {
  const files = usesWasi ? [...wasiFiles, ...pluginFiles] : pluginFiles;
  const members = [`include ${world};`, ...(usesWasi ? wasiImports : [])];
  const nested = await Promise.all(files.map(nestedPackage));
  return `package chipmunk:plugin;\nworld ${pluginWorld} { ${members.join(' ')} }\n${nested.join('\n')}`;
}

async function nestedPackage(file: URL): Promise<string> {
  const text = await readFile(file, 'utf8');
  return text.replace(/^package ([^;]+);/m, 'package $1 {').concat('\n}\n');
}
