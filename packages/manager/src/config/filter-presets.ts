/**
 * Chipmunk's filter presets, as its application exports them:
 *
 *   version 2   { "kind": "chipmunk_named_presets", "version": 2, "presets": [{ "name": "…", "filters": [
 *                 { "filter": { "value": "…", "is_regex": false, "ignore_case": true, "is_word": false }, "enabled": true, … }], … }] }
 *   version 1   the same, where an entry of `filters` is the filter itself
 *   Chipmunk 3  a list of objects whose `content` is JSON as text: collections (`c`) of entries (`e`) with a name (`n`)
 *
 * The charts of a preset (`search_values`) and bookmarks select no lines; they are counted and left out.
 */
import { HostError } from '@chipmunk-host/runtime';
import { isObject, list, record, text } from '../shared/json-shape.js';
import { readTextFile } from '../shared/text-file.js';

const KIND = 'chipmunk_named_presets';
/** Far more than people type. */
const MAX_PRESET_BYTES = 16 * 1024 * 1024;

/** One line of the list of filters in Chipmunk. */
export interface PresetFilter {
  /** A text, or a regular expression when `isRegex`. */
  readonly value: string;
  readonly isRegex: boolean;
  readonly ignoreCase: boolean;
  /** Whether it stands between the borders of words. */
  readonly isWord: boolean;
  /** Whether it was switched on. */
  readonly enabled: boolean;
}

/** A preset of Chipmunk's search filters, read from its JSON export. */
export interface FilterPreset {
  readonly name: string;
  readonly filters: readonly PresetFilter[];
  /** Charts, bookmarks and whatever else selects no lines. */
  readonly ignoredEntries: number;
}

/** @throws HostError `ERR_CONFIG_FILE`, naming the file and the place in it */
export async function readFilterPresets(path: string): Promise<readonly FilterPreset[]> {
  let content: string;
  try {
    content = await readTextFile(path, MAX_PRESET_BYTES);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const message = missing
      ? `There is no file of filter presets '${path}'.`
      : `The filter presets '${path}' cannot be read: ${(cause as Error).message}`;
    throw new HostError('ERR_CONFIG_FILE', message, { cause, help: 'Check the path and your rights to it.' });
  }
  try {
    return parseFilterPresets(content);
  } catch (cause) {
    const message = `The filter presets '${path}' are not of Chipmunk's form: ${(cause as Error).message}`;
    throw new HostError('ERR_CONFIG_FILE', message, {
      cause,
      help: "Export them once more with Chipmunk: 'Export all to file' in the list of filters or of presets.",
    });
  }
}

/**
 * One regular expression (syntax of RE2) that matches what any enabled filter of the preset matches, as in Chipmunk.
 * @throws HostError `ERR_CONFIG_FILE` when no filter is enabled, since that would select nothing
 */
export function presetPattern({ name, filters }: FilterPreset): string {
  const enabled = filters.filter((filter) => filter.enabled);
  if (enabled.length === 0) {
    const message = `The filter preset '${name}' has no enabled filter, so it selects nothing.`;
    throw new HostError('ERR_CONFIG_FILE', message, {
      help: 'Enable a filter in Chipmunk, and export the preset again.',
    });
  }
  return enabled.map(filterPattern).join('|');
}

function filterPattern({ value, isRegex, ignoreCase, isWord }: PresetFilter): string {
  const pattern = isRegex ? value : value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const bordered = isWord ? `\\b(?:${pattern})\\b` : pattern;
  return `(?${ignoreCase ? 'i' : ''}:${bordered})`;
}

/** @throws TypeError, SyntaxError saying what was expected and where */
function parseFilterPresets(content: string): readonly FilterPreset[] {
  const root: unknown = JSON.parse(content);
  if (Array.isArray(root)) return root.flatMap((envelope, i) => at(`[${i}]`, () => collectionsOf(envelope)));
  const { kind, version, presets } = record(root);
  if (kind !== KIND) throw new TypeError(`kind is ${JSON.stringify(kind)}; expected "${KIND}"`);
  if (version !== 1 && version !== 2) throw new TypeError(`version is ${JSON.stringify(version)}; expected 1 or 2`);
  return list(presets).map((preset, i) => at(`presets[${i}]`, () => namedPreset(preset, version)));
}

function namedPreset(preset: unknown, version: 1 | 2): FilterPreset {
  const { name, filters, search_values: charts = [] } = record(preset);
  return {
    name: text(name),
    filters: list(filters).map((entry, i) =>
      at(`filters[${i}]`, () => {
        const row = record(entry);
        const { value, is_regex, ignore_case, is_word } = record(version === 1 ? row : row.filter);
        return {
          value: text(value),
          isRegex: flag(is_regex),
          ignoreCase: flag(ignore_case),
          isWord: flag(is_word),
          enabled: version === 1 || flag(row.enabled),
        };
      }),
    ),
    ignoredEntries: list(charts).length,
  };
}

/** The collections of an envelope of Chipmunk 3. Those without a name were never saved as presets. */
function collectionsOf(envelope: unknown): readonly FilterPreset[] {
  const { c: collections } = record(JSON.parse(text(record(envelope).content)));
  if (collections === undefined) return [];
  return list(collections).flatMap((collection, i) => at(`c[${i}]`, () => collectionPreset(collection)));
}

function collectionPreset(collection: unknown): readonly FilterPreset[] {
  const { n: name, e: entries = [] } = record(JSON.parse(text(record(collection).content)));
  if (typeof name !== 'string' || name.trim() === '' || name === '-') return [];
  const filters = list(entries).flatMap((entry, i) => {
    const payload = isObject(entry) ? entry.filters : undefined;
    return payload === undefined ? [] : [at(`e[${i}]`, () => oldFilter(payload))];
  });
  return [{ name, filters, ignoredEntries: list(entries).length - filters.length }];
}

function oldFilter(payload: unknown): PresetFilter {
  const { filter, active } = record(JSON.parse(text(payload)));
  const { filter: value, flags } = record(filter);
  const { reg, word, cases } = record(flags);
  return {
    value: text(value),
    isRegex: reg === true,
    ignoreCase: cases !== true,
    isWord: word === true,
    enabled: active !== false,
  };
}

function flag(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new TypeError(`expected true or false, got ${JSON.stringify(value)}`);
  return value;
}

/** Adds the place to what is wrong there. */
function at<Value>(place: string, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    throw new TypeError(`${place}: ${(cause as Error).message}`, { cause });
  }
}
