/**
 * `<name>.toml` beside a plugin's binary: `title`, `description`, and our own table `[chipmunk-host]`. Metadata are for
 * people and for tuning: whatever is wrong with them is a warning, and the plugin stays usable.
 */
import { readFile, stat } from 'node:fs/promises';
import { BOUNDARIES, type Boundary } from '@chipmunk-host/hosts';
import { parse, TomlError } from 'smol-toml';

export interface PluginMetadata {
  readonly title: string | undefined;
  readonly description: string | undefined;
  /** `window-bytes` of `[chipmunk-host]`: a window with which the plugin makes the same items as with Chipmunk's. */
  readonly windowBytes: number | undefined;
  /** `parallel-boundary` of `[chipmunk-host]`: where its input can be split without changing its items. */
  readonly parallelBoundary: Boundary | undefined;
  readonly warnings: readonly string[];
}

/** Far more than any title and description take; a larger file is something else. */
const MAX_METADATA_BYTES = 1024 * 1024;
const MAX_WINDOW_BYTES = 0x7fff_ffff;

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
    return nothing([`The metadata ${path} are not valid TOML: ${reason(error)}`]);
  }
  const warnings: string[] = [];
  const fault = (key: string, expected: string) => {
    warnings.push(`The metadata ${path}: '${key}' should be ${expected}.`);
    return undefined;
  };
  const textOf = (key: string) => {
    const value = table[key];
    if (typeof value === 'string' && value.trim() !== '') return value;
    return value === undefined ? undefined : fault(key, 'a text that is not empty');
  };
  const title = textOf('title');
  const description = textOf('description');
  return { title, description, ...ownTable(table['chipmunk-host'], fault), warnings };
}

type OwnTable = Pick<PluginMetadata, 'windowBytes' | 'parallelBoundary'>;
type Fault = (key: string, expected: string) => undefined;

const NOTHING_OWN: OwnTable = { windowBytes: undefined, parallelBoundary: undefined };

function ownTable(own: unknown, fault: Fault): OwnTable {
  if (own === undefined) return NOTHING_OWN;
  if (typeof own !== 'object' || own === null || Array.isArray(own)) {
    fault('chipmunk-host', 'a table');
    return NOTHING_OWN;
  }
  const table = own as Readonly<Record<string, unknown>>;
  return {
    windowBytes: windowOf(table['window-bytes'], fault),
    parallelBoundary: boundaryOf(table['parallel-boundary'], fault),
  };
}

function windowOf(value: unknown, fault: Fault): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_WINDOW_BYTES) return value;
  return fault('chipmunk-host.window-bytes', `a whole number from 1 to ${MAX_WINDOW_BYTES}`);
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
    if (status.size > MAX_METADATA_BYTES) throw new Error(`it has more than ${MAX_METADATA_BYTES} bytes`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The parser's messages go on with the place, drawn over several lines. */
function reason(error: unknown): string {
  const [first = ''] = (error as Error).message.split('\n');
  return error instanceof TomlError ? `${first} (line ${error.line}, column ${error.column})` : first;
}

function nothing(warnings: readonly string[]): PluginMetadata {
  return { title: undefined, description: undefined, ...NOTHING_OWN, warnings };
}
