/** Holds a caller's configuration against a plugin's schemas: every fault is reported at once, defaults fill the rest. */
import { HostError } from '@chipmunk-host/runtime/shared';
import type { ConfigInput, ConfigItem, ConfigSchema, ConfigType, ConfigValue } from './config-schema.js';
import { nearestName } from './nearest-name.js';

export interface ConfigFault {
  readonly id: string;
  /** What is wrong, what was expected, and what to do. */
  readonly message: string;
}

export class ConfigError extends HostError {
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super('ERR_CONFIG', faults.map(({ message }) => message).join('\n'));
    this.faults = faults;
  }
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
  const faults: ConfigFault[] = [];
  const known = new Set(schemas.map(({ id }) => id));
  for (const id of Object.keys(input)) if (!known.has(id)) faults.push({ id, message: unknownId(id, [...known]) });

  const items = schemas.map((schema): ConfigItem => {
    const given = Object.hasOwn(input, schema.id) ? input[schema.id] : undefined;
    if (given === undefined) return { id: schema.id, value: defaultValue(schema.type) };
    const value = fit(schema.type, given);
    if (typeof value !== 'string') return { id: schema.id, value };
    faults.push({ id: schema.id, message: `Configuration '${schema.id}': expected ${value}, got ${show(given)}.` });
    return { id: schema.id, value: defaultValue(schema.type) };
  });
  if (faults.length > 0) throw new ConfigError(faults);
  return items;
}

/**
 * Values from text, as from a command line, with the types of the schemas. Of an id that is given more than once the last
 * counts, but for files and directories all do. What does not fit is left as text, for `resolveConfig` to name.
 */
export function configFromStrings(
  schemas: readonly ConfigSchema[],
  pairs: readonly (readonly [id: string, text: string])[],
): Record<string, ConfigInput> {
  // Without a prototype, so that an id `__proto__` is an id like any other.
  const input: Record<string, ConfigInput> = Object.create(null);
  for (const [id, text] of pairs) {
    const kind = schemas.find((schema) => schema.id === id)?.type.kind;
    if (kind === 'files' || kind === 'directories') {
      const before = input[id];
      input[id] = [...(Array.isArray(before) ? (before as string[]) : []), text];
    } else {
      input[id] = fromString(kind, text);
    }
  }
  return input;
}

function fromString(kind: ConfigType['kind'] | undefined, text: string): ConfigInput {
  switch (kind) {
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'integer':
    case 'float': {
      const number = NON_FINITE.get(text.toLowerCase()) ?? (text.trim() === '' ? Number.NaN : Number(text));
      return Number.isNaN(number) && text.toLowerCase() !== 'nan' ? text : number;
    }
    default:
      return text;
  }
}

const NON_FINITE = new Map([
  ['inf', Number.POSITIVE_INFINITY],
  ['+inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['nan', Number.NaN],
]);

/** The value, or what was expected instead of it. */
function fit(type: ConfigType, given: ConfigInput): ConfigValue | string {
  switch (type.kind) {
    case 'boolean':
      return typeof given === 'boolean' ? { kind: 'boolean', value: given } : 'true or false';
    case 'integer':
      return typeof given === 'number' && (given | 0) === given
        ? { kind: 'integer', value: given }
        : 'a whole number from -2147483648 to 2147483647';
    case 'float':
      return typeof given === 'number' ? { kind: 'float', value: given } : 'a number';
    case 'text':
      return typeof given === 'string' ? { kind: 'text', value: given } : 'a text';
    case 'directories':
      return isTexts(given) ? { kind: 'directories', value: given } : 'a list of paths';
    case 'files':
      return isTexts(given) ? { kind: 'files', value: given } : 'a list of paths';
    case 'dropdown':
      return typeof given === 'string' && type.options.includes(given)
        ? { kind: 'dropdown', value: given }
        : `one of ${type.options.map((option) => `'${option}'`).join(', ')}`;
  }
}

function defaultValue(type: ConfigType): ConfigValue {
  switch (type.kind) {
    case 'directories':
    case 'files':
      return { kind: type.kind, value: [] };
    default:
      return { kind: type.kind, value: type.default } as ConfigValue;
  }
}

function isTexts(given: ConfigInput): given is readonly string[] {
  return Array.isArray(given) && given.every((text) => typeof text === 'string');
}

function show(given: ConfigInput): string {
  return typeof given === 'string' ? `the text '${given}'` : JSON.stringify(given);
}

function unknownId(id: string, known: readonly string[]): string {
  const nearest = nearestName(id, known);
  const suggestion = nearest === undefined ? '' : ` Did you mean '${nearest}'?`;
  const expected = known.length === 0 ? 'the plugin takes no configuration' : `expected one of: ${known.join(', ')}`;
  return `Configuration '${id}' is unknown; ${expected}.${suggestion}`;
}
