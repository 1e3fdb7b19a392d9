/**
 * `<name>.toml` beside a plugin's binary: `title`, `description`, and our own table `[chipmunk-host]`. Metadata are for
 * people and for tuning: whatever is wrong with them is a warning, and the plugin stays usable.
 */
import { stat } from 'node:fs/promises';
import type { Boundary, ParallelConfig } from '@chipmunk-host/hosts';
import { BOUNDARIES, PATTERN_EXPECTED, PATTERN_FORM } from '@chipmunk-host/hosts/internal';
import { parse } from 'smol-toml';
import { isObject } from '../shared/json-shape.js';
import { readTextFile, tomlReason } from '../shared/text-file.js';

export interface PluginMetadata {
  readonly title: string | undefined;
  readonly description: string | undefined;
  /** `window-bytes` of `[chipmunk-host]`: a window with which the plugin makes the same items as with Chipmunk's. */
  readonly windowBytes: number | undefined;
  /** `parallel-boundary` of `[chipmunk-host]`: where its input can be split without changing its items. */
  readonly parallelBoundary: Boundary | undefined;
  /** `parallel-patterns` of `[chipmunk-host]`: with what a part of its input begins, in hexadecimal; only with the boundary `pattern`. */
  readonly parallelPatterns: readonly string[] | undefined;
  /** `parallel-config` of `[chipmunk-host]`: with which values of its configuration that holds. */
  readonly parallelConfig: ParallelConfig | undefined;
  readonly warnings: readonly string[];
}

/** Far more than any title and description take; a larger file is something else. */
const MAX_METADATA_BYTES = 64 * 1024;
const MAX_WINDOW_BYTES = 0x7fff_ffff;
/** As for what a binary claims of itself. */
const MAX_TITLE_BYTES = 2048;
const MAX_DESCRIPTION_BYTES = 10_240;

/** Reads a plugin's metadata; a file that is not there is no fault. */
export async function readMetadata(path: string): Promise<PluginMetadata> {
  let text: string | undefined;
  try {
    text = await readMetadataFile(path);
  } catch (error) {
    return nothing([`The metadata ${path} cannot be read: ${(error as Error).message}`]);
  }
  return text === undefined ? nothing([]) : parseMetadata(text, path);
}

/** @param path for the warnings */
export function parseMetadata(text: string, path: string): PluginMetadata {
  let table: Readonly<Record<string, unknown>>;
  try {
    table = parse(text);
  } catch (error) {
    return nothing([`The metadata ${path} are not valid TOML: ${tomlReason(error)}`]);
  }
  const warnings: string[] = [];
  const fault = (key: string, expected: string) => {
    warnings.push(`The metadata ${path}: '${key}' should be ${expected}.`);
    return undefined;
  };
  const textOf = (key: string, mostBytes: number) => {
    const value = table[key];
    const fits = typeof value === 'string' && value.trim() !== '' && Buffer.byteLength(value) <= mostBytes;
    if (fits) return value;
    return value === undefined ? undefined : fault(key, `a text that is not empty, of at most ${mostBytes} bytes`);
  };
  const title = textOf('title', MAX_TITLE_BYTES);
  const description = textOf('description', MAX_DESCRIPTION_BYTES);
  const own = ownTable(table['chipmunk-host'], fault);
  // Chipmunk takes nothing of metadata that have no title.
  if (table.title === undefined) fault('title', 'there; without it no description is shown');
  return { title, description: title === undefined ? undefined : description, ...own, warnings };
}

type OwnTable = Pick<PluginMetadata, 'windowBytes' | 'parallelBoundary' | 'parallelPatterns' | 'parallelConfig'>;
type Fault = (key: string, expected: string) => undefined;

const NOT_PARALLEL = { parallelBoundary: undefined, parallelPatterns: undefined };
const NOTHING_OWN: OwnTable = { windowBytes: undefined, ...NOT_PARALLEL, parallelConfig: undefined };

function ownTable(own: unknown, fault: Fault): OwnTable {
  if (own === undefined) return NOTHING_OWN;
  if (!isObject(own)) {
    fault('chipmunk-host', 'a table');
    return NOTHING_OWN;
  }
  const windowBytes = windowOf(own['window-bytes'], fault);
  const places = placesOf(own['parallel-boundary'], own['parallel-patterns'], fault);
  const given = own['parallel-config'];
  if (given === undefined) return { windowBytes, ...places, parallelConfig: undefined };
  const parallelConfig = isParallelConfig(given)
    ? given
    : fault(
        'chipmunk-host.parallel-config',
        'a table of lists of texts, numbers or booleans, each by the id of a value',
      );
  // When it is not known when the input can be split, it is not.
  return { windowBytes, ...(parallelConfig === undefined ? NOT_PARALLEL : places), parallelConfig };
}

function isParallelConfig(value: unknown): value is ParallelConfig {
  const isValue = (one: unknown) => ['string', 'number', 'boolean'].includes(typeof one);
  return isObject(value) && Object.values(value).every((list) => Array.isArray(list) && list.every(isValue));
}

function windowOf(value: unknown, fault: Fault): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_WINDOW_BYTES) return value;
  return fault('chipmunk-host.window-bytes', `a whole number from 1 to ${MAX_WINDOW_BYTES}`);
}

/** Where the input can be split; nowhere when that is not wholly known. */
function placesOf(
  boundary: unknown,
  patterns: unknown,
  fault: Fault,
): Pick<OwnTable, 'parallelBoundary' | 'parallelPatterns'> {
  const parallelBoundary = boundaryOf(boundary, fault);
  if (parallelBoundary !== 'pattern') {
    if (patterns !== undefined && parallelBoundary !== undefined)
      fault('chipmunk-host.parallel-patterns', "left out where 'parallel-boundary' is not 'pattern'");
    return { ...NOT_PARALLEL, parallelBoundary };
  }
  const isPattern = (one: unknown) => typeof one === 'string' && PATTERN_FORM.test(one);
  if (Array.isArray(patterns) && patterns.length > 0 && patterns.every(isPattern))
    return { parallelBoundary, parallelPatterns: patterns };
  fault('chipmunk-host.parallel-patterns', `a list of ${PATTERN_EXPECTED}`);
  return NOT_PARALLEL;
}

function boundaryOf(value: unknown, fault: Fault): Boundary | undefined {
  if (value === undefined) return undefined;
  const known = BOUNDARIES.find((boundary) => boundary === value);
  return known ?? fault('chipmunk-host.parallel-boundary', `one of: ${BOUNDARIES.join(', ')}`);
}

async function readMetadataFile(path: string): Promise<string | undefined> {
  try {
    const status = await stat(path);
    if (!status.isFile()) throw new Error('it is not a file');
    return await readTextFile(path, MAX_METADATA_BYTES);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function nothing(warnings: readonly string[]): PluginMetadata {
  return { title: undefined, description: undefined, ...NOTHING_OWN, warnings };
}
