/**
 * What a plugin's package.json says about the plugin:
 *
 *   "chipmunkPlugin": { "kind": "parser", "entry": "assembly/index.ts", "name": "my-parser" }
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BuildError, reasonOf } from './build-error.js';

/** All may be missing: the command line can give them, too. */
export interface PluginPackage {
  /** `parser` or `bytesource`. */
  readonly kind?: string;
  /** Relative to the package. */
  readonly entry?: string;
  readonly name?: string;
}

const KEYS = ['kind', 'entry', 'name'] as const;

/**
 * Reads the package in a directory; a package without the field, and no package at all, give an empty object.
 *
 * @throws {BuildError} when package.json is not JSON, or the field has other keys or other types
 */
export async function readPluginPackage(directory: string): Promise<PluginPackage> {
  const path = join(directory, 'package.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return {};
  }
  const field = pluginField(text, path);
  if (field === undefined) return {};
  if (typeof field !== 'object' || field === null) {
    throw new BuildError('build', `${path}: chipmunkPlugin is not an object`);
  }
  const unknown = Object.keys(field).filter((key) => !KEYS.some((known) => known === key));
  if (unknown.length > 0) {
    throw new BuildError(
      'build',
      `${path}: chipmunkPlugin has an unknown key '${unknown[0]}'; known: ${KEYS.join(', ')}`,
    );
  }
  for (const [key, value] of Object.entries(field)) {
    if (typeof value !== 'string') throw new BuildError('build', `${path}: chipmunkPlugin.${key} is not a string`);
  }
  return field;
}

function pluginField(text: string, path: string): unknown {
  try {
    const content: unknown = JSON.parse(text);
    return typeof content === 'object' && content !== null && 'chipmunkPlugin' in content
      ? content.chipmunkPlugin
      : undefined;
  } catch (error) {
    throw new BuildError('build', `${path} is not JSON: ${reasonOf(error)}`, { cause: error });
  }
}
