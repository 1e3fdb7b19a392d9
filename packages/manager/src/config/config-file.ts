/**
 * Configurations in files: an object of values by id in JSON, or Chipmunk's plugin benchmarks in TOML:
 *
 *   binary_path = "…"            the plugin; may be missing
 *   [[config]]
 *   id = "lossy"
 *   value.Boolean = true         or Integer, Float, Text, Directories, Files, Dropdown
 */
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import type { ConfigInput } from '@chipmunk-host/hosts';
import { HostError } from '@chipmunk-host/runtime';
import { absolutePath } from '@chipmunk-host/runtime/internal';
import { parse } from 'smol-toml';
import { isObject } from '../shared/json-shape.js';
import { readTextFile, tomlReason } from '../shared/text-file.js';

/** Values for a plugin out of a file. */
export interface ConfigFile {
  /** The plugin that the file is for, as it is written there; JSON has none. */
  readonly binaryPath: string | undefined;
  /** By id. Whether they fit a plugin is seen when its schemas are known. */
  readonly values: Readonly<Record<string, ConfigInput>>;
}

type Table = Readonly<Record<string, unknown>>;

const isText = (value: unknown) => typeof value === 'string';
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);
const VALUES: Readonly<Record<string, { readonly expected: string; readonly fits: (value: unknown) => boolean }>> = {
  Boolean: { expected: 'true or false', fits: (value) => typeof value === 'boolean' },
  Integer: { expected: 'a whole number', fits: Number.isInteger },
  Float: { expected: 'a number', fits: (value) => typeof value === 'number' },
  Text: { expected: 'a text', fits: isText },
  Directories: { expected: 'a list of paths', fits: isTexts },
  Files: { expected: 'a list of paths', fits: isTexts },
  Dropdown: { expected: 'a text', fits: isText },
};

/** Far more than any configuration takes; a larger file is something else. */
const MAX_CONFIG_BYTES = 1024 * 1024;

/**
 * Reads a configuration: JSON when the name ends in `.json`, else TOML.
 * @returns with a `binaryPath` that is absolute: Chipmunk takes it from the current directory, and where the file itself lies
 *   is a second guess
 * @throws HostError `ERR_CONFIG_FILE`, naming the file and the place in it
 */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  let text: string;
  try {
    text = await readTextFile(path, MAX_CONFIG_BYTES);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const message = missing
      ? `There is no configuration file '${path}'.`
      : `The configuration file '${path}' cannot be read: ${(cause as Error).message}`;
    throw new HostError('ERR_CONFIG_FILE', message, {
      cause,
      help: 'Check the path and your rights to it, and save it as UTF-8.',
    });
  }
  const name = `The configuration file '${path}'`;
  if (path.toLowerCase().endsWith('.json')) return { binaryPath: undefined, values: parseConfigJson(text, name) };
  const { binaryPath, values } = parseConfigToml(text, name);
  if (binaryPath === undefined || isAbsolute(binaryPath)) return { binaryPath, values };
  const beside = join(dirname(path), binaryPath);
  return { binaryPath: absolutePath(!existsSync(binaryPath) && existsSync(beside) ? beside : binaryPath), values };
}

/**
 * @param name what the text is, for the message
 * @throws HostError `ERR_CONFIG_FILE` when it is not JSON, or no object
 */
export function parseConfigJson(text: string, name = 'The configuration'): Readonly<Record<string, ConfigInput>> {
  const fault = faultOf(name, 'Write one object of values by id, such as {"lossy": true}.');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw fault((cause as Error).message, cause);
  }
  if (!isObject(value)) throw fault('it should be an object');
  return value as Readonly<Record<string, ConfigInput>>;
}

/**
 * @param name what the text is, for the message
 * @throws HostError `ERR_CONFIG_FILE` when it is not TOML, or not in the form above
 */
export function parseConfigToml(text: string, name = 'The configuration'): ConfigFile {
  const fault = faultOf(name, 'Write each value as a [[config]] table with an id and, for example, value.Text = "…".');
  let table: Table;
  try {
    table = parse(text);
  } catch (cause) {
    throw fault(tomlReason(cause), cause);
  }
  const binaryPath = table.binary_path;
  if (binaryPath !== undefined && (typeof binaryPath !== 'string' || binaryPath === ''))
    throw fault('binary_path should be a text that is not empty');
  return { binaryPath, values: valuesOf(table.config, fault) };
}

type Fault = (what: string, cause?: unknown) => HostError;

function valuesOf(list: unknown, fault: Fault): Readonly<Record<string, ConfigInput>> {
  if (list === undefined) return {};
  if (!Array.isArray(list)) throw fault("'config' should be a list of tables, each headed [[config]]");
  const found = new Map<string, ConfigInput>();
  for (const [index, entry] of list.entries()) {
    const where = `[[config]] number ${index + 1}`;
    const { id, value } = isObject(entry) ? entry : {};
    if (typeof id !== 'string' || id === '') throw fault(`${where} should have an id`);
    if (found.has(id)) throw fault(`'${id}' is configured twice`);
    const [[type, given] = [], ...more] = Object.entries(isObject(value) ? value : {});
    const kind = type !== undefined && Object.hasOwn(VALUES, type) ? VALUES[type] : undefined;
    if (kind === undefined || more.length > 0)
      throw fault(`${where}, '${id}', should have one value.<type>, with a type of ${Object.keys(VALUES).join(', ')}`);
    if (!kind.fits(given)) throw fault(`${where}, '${id}': value.${type} should be ${kind.expected}`);
    found.set(id, given as ConfigInput);
  }
  return Object.fromEntries(found);
}

function faultOf(name: string, help: string): Fault {
  return (what, cause) => new HostError('ERR_CONFIG_FILE', `${name}: ${what}.`, { cause, help });
}
