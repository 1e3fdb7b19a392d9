/**
 * The configuration file of Chipmunk's plugin benchmarks:
 *
 *   binary_path = "…"            the plugin, unless the command line names one
 *   [[config]]
 *   id = "lossy"
 *   value.Boolean = true         or Integer, Float, Text, Directories, Files, Dropdown
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import type { ConfigInput } from '@chipmunk-host/manager';
import { parse } from 'smol-toml';
import { CommandError } from './command-error.js';

export interface BenchConfig {
  /** Always with a separator, so that it is not taken for a plugin's name. */
  readonly binaryPath: string | undefined;
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

/** @throws CommandError `ERR_CONFIG_FILE`, naming the file and the place in it. */
export async function readBenchConfig(path: string): Promise<BenchConfig> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const message = missing
      ? `There is no configuration file '${path}'.`
      : `The configuration file '${path}' cannot be read: ${(cause as Error).message}`;
    throw new CommandError('ERR_CONFIG_FILE', message, { cause, help: 'Check the path and the rights to it.' });
  }
  const fault = (what: string, cause?: unknown) =>
    new CommandError('ERR_CONFIG_FILE', `The configuration file '${path}': ${what}.`, {
      cause,
      help: 'Write each value as a [[config]] table with an id and, for example, value.Text = "…".',
    });
  let table: Table;
  try {
    table = parse(text);
  } catch (cause) {
    throw fault((cause as Error).message.trimEnd(), cause);
  }
  return { binaryPath: binaryPath(table.binary_path, path, fault), values: values(table.config, fault) };
}

/** Chipmunk takes it from the current directory; where the file itself lies is a second guess. */
function binaryPath(value: unknown, path: string, fault: (what: string) => Error): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '') throw fault('binary_path should be a text that is not empty');
  if (isAbsolute(value)) return value;
  const beside = resolve(dirname(path), value);
  return !existsSync(value) && existsSync(beside) ? beside : resolve(value);
}

function values(list: unknown, fault: (what: string) => Error): Readonly<Record<string, ConfigInput>> {
  if (list === undefined) return {};
  if (!Array.isArray(list)) throw fault("'config' should be a list of tables, each headed [[config]]");
  const found = new Map<string, ConfigInput>();
  for (const [index, entry] of list.entries()) {
    const where = `[[config]] number ${index + 1}`;
    const { id, value } = asTable(entry) ?? {};
    if (typeof id !== 'string' || id === '') throw fault(`${where} should have an id`);
    if (found.has(id)) throw fault(`'${id}' is configured twice`);
    const [[type, given] = [], ...more] = Object.entries(asTable(value) ?? {});
    const kind = type !== undefined && Object.hasOwn(VALUES, type) ? VALUES[type] : undefined;
    if (kind === undefined || more.length > 0)
      throw fault(`${where}, '${id}', should have one value.<type>, with a type of ${Object.keys(VALUES).join(', ')}`);
    if (!kind.fits(given)) throw fault(`${where}, '${id}': value.${type} should be ${kind.expected}`);
    found.set(id, given as ConfigInput);
  }
  return Object.fromEntries(found);
}

function asTable(value: unknown): Table | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Table) : undefined;
}
