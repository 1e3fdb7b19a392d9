// The WIT of the plugin interface as one text with nested packages, which is what `componentEmbed` takes.

import { readFile } from 'node:fs/promises';

/** Copied here by the package's own build. */
const witDirectory = new URL('./wit/v0.1.0/', import.meta.url);

const packages = ['shared', 'parser', 'bytesource'] as const;

export const pluginWorld = 'plugin';

/** The text, with a world `pluginWorld` that is the given one, such as `chipmunk:parser/parse@0.1.0`. */
export async function witSource(world: string): Promise<string> {
  const nested = await Promise.all(packages.map(nestedPackage));
  return `package chipmunk:plugin;\nworld ${pluginWorld} { include ${world}; }\n${nested.join('\n')}`;
}

async function nestedPackage(name: string): Promise<string> {
  const text = await readFile(new URL(`${name}/${name}.wit`, witDirectory), 'utf8');
  return text.replace(/^package ([^;]+);/m, 'package $1 {').concat('\n}\n');
}
