/** Holds a caller's configuration against a plugin's schemas: every fault is reported at once, defaults fill the rest. */
import { inspect } from 'node:util';
import { nearestName, option, requireOption } from '@chipmunk-host/runtime/internal/options';
import { ConfigError, type ConfigFault } from './config-fault.js';
import { floatOf } from './config-float.js';
import type { ConfigInput, ConfigItem, ConfigSchema, ConfigType, ConfigValue } from './config-schema.js';

/** How much of a value that does not fit is shown. */
const MAX_SHOWN = 200;

/**
 * Everything that is wrong with a configuration; empty when nothing is.
 * @param input anything, as it comes from JSON or from a user: it should be an object of values by id
 */
export function validateConfig(schemas: readonly ConfigSchema[], input: unknown): readonly ConfigFault[] {
  return examine(schemas, input).faults;
}

/**
 * A value for every schema, in the schemas' order.
 * @param input values by id; a missing one gets its schema's default, and no paths for files and directories.
 * @throws ConfigError with all faults: unknown ids, values of the wrong type, numbers out of range, unknown options.
 */
export function resolveConfig(
  schemas: readonly ConfigSchema[],
  input: Readonly<Record<string, ConfigInput>>,
): readonly ConfigItem[] {
  const { items, faults } = examine(schemas, input);
  if (faults.length > 0) throw new ConfigError(faults);
  return items;
}

/** @throws HostError `ERR_INVALID_OPTION` when these are no schemas, as `info` and `inspect` have them */
export function requireSchemas(schemas: readonly ConfigSchema[]): void {
  requireOption(option.required(option.listOf(option.object, 'a list of schemas')), schemas, 'schemas');
}

function examine(schemas: readonly ConfigSchema[], input: unknown) {
  requireSchemas(schemas);
  const faults: ConfigFault[] = [];
  const values = isRecord(input) ? input : {};
  if (values !== input) faults.push(notARecord(input));

  const known = new Set(schemas.map(({ id }) => id));
  for (const id of Object.keys(values)) if (!known.has(id)) faults.push(unknownId(id, [...known]));

  const items = schemas.map(({ id, type }): ConfigItem => {
    const given = Object.hasOwn(values, id) ? values[id] : undefined;
    const value = given === undefined ? undefined : fit(type, given);
    if (given !== undefined && value === undefined) faults.push(wrongValue(id, type, given));
    return { id, value: value ?? defaultValue(type) };
  });
  return { items, faults };
}

/** The value as the plugin gets it; undefined when it does not fit. */
function fit(type: ConfigType, given: unknown): ConfigValue | undefined {
  switch (type.kind) {
    case 'boolean':
      return typeof given === 'boolean' ? { kind: 'boolean', value: given } : undefined;
    case 'integer':
      return typeof given === 'number' && (given | 0) === given ? { kind: 'integer', value: given | 0 } : undefined;
    case 'float': {
      const value = floatOf(given);
      return value === undefined ? undefined : { kind: 'float', value };
    }
    case 'text':
      return typeof given === 'string' ? { kind: 'text', value: given } : undefined;
    case 'directories':
    case 'files': {
      const value = textsOf(given);
      return value === undefined ? undefined : { kind: type.kind, value };
    }
    case 'dropdown':
      return typeof given === 'string' && allowedOptions(type).includes(given)
        ? { kind: 'dropdown', value: given }
        : undefined;
  }
}

/** The options of a dropdown; its default is one of them, also where the plugin does not list it. */
export function allowedOptions({ options, default: preset }: ConfigType & { kind: 'dropdown' }): readonly string[] {
  return [...new Set(options.includes(preset) ? options : [...options, preset])];
}

/** What an id without a value gets. */
export function defaultValue(type: ConfigType): ConfigValue {
  switch (type.kind) {
    case 'directories':
    case 'files':
      return { kind: type.kind, value: [] };
    default:
      return { kind: type.kind, value: type.default } as ConfigValue;
  }
}

function expectedOf(type: ConfigType): string {
  switch (type.kind) {
    case 'boolean':
      return 'true or false';
    case 'integer':
      return 'a whole number from -2147483648 to 2147483647';
    case 'float':
      return 'a number of 32 bits (at most 3.4e38)';
    case 'text':
      return 'a text';
    case 'directories':
    case 'files':
      return 'a list of paths';
    case 'dropdown':
      return `one of ${allowedOptions(type)
        .map((option) => `'${option}'`)
        .join(', ')}`;
  }
}

function wrongValue(id: string, type: ConfigType, given: unknown): ConfigFault {
  const expected = expectedOf(type);
  const suggestion =
    type.kind === 'dropdown' && typeof given === 'string' ? nearestName(given, allowedOptions(type)) : undefined;
  const message = `Configuration '${id}': expected ${expected}, got ${show(given)}.${didYouMean(suggestion)}`;
  return { id, problem: 'value', expected, suggestion, message };
}

function unknownId(id: string, known: readonly string[]): ConfigFault {
  const suggestion = nearestName(id, known);
  const expected = known.length === 0 ? 'the plugin has no configuration' : `expected one of: ${known.join(', ')}`;
  return {
    id,
    problem: 'unknown',
    expected: known.length === 0 ? 'no configuration' : `one of: ${known.join(', ')}`,
    suggestion,
    message: `Configuration '${shorten(id)}' is unknown; ${expected}.${didYouMean(suggestion)}`,
  };
}

function notARecord(given: unknown): ConfigFault {
  const expected = 'an object of values by id';
  const message = `The configuration is ${show(given)}; expected ${expected}.`;
  return { id: '', problem: 'value', expected, suggestion: undefined, message };
}

function didYouMean(suggestion: string | undefined): string {
  return suggestion === undefined ? '' : ` Did you mean '${suggestion}'?`;
}

/** A copy, so that nobody changes it afterwards. */
function textsOf(given: unknown): readonly string[] | undefined {
  if (!Array.isArray(given)) return undefined;
  // Holes become undefined here, and are seen.
  const texts: unknown[] = Array.from(given);
  return texts.every((text) => typeof text === 'string') ? (texts as string[]) : undefined;
}

function isRecord(input: unknown): input is Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

function show(given: unknown): string {
  if (typeof given === 'string') return `the text '${shorten(given)}'`;
  const limits = { depth: 1, maxArrayLength: 8, maxStringLength: MAX_SHOWN, breakLength: Number.POSITIVE_INFINITY };
  return shorten(inspect(given, { ...limits, customInspect: false }));
}

function shorten(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
