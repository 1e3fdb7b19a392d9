/** Values that come as text, as from a command line: the schemas say what they are. */
import { option, requireOption } from '@chipmunk-host/runtime/internal/options';
import type { ConfigInput, ConfigSchema, ConfigType } from './config-schema.js';
import { requireSchemas } from './resolve-config.js';

const PAIR = {
  expected: 'a pair of id and text',
  accepts: (value: unknown) =>
    Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === 'string'),
};

/**
 * Values from text, as from a command line, with the types of the schemas. Of an id that is given more than once the last
 * counts, but for files and directories all do. What does not fit is left as text, for `validateConfig` to name.
 */
export function configFromStrings(
  schemas: readonly ConfigSchema[],
  pairs: readonly (readonly [id: string, text: string])[],
): Record<string, ConfigInput> {
  requireSchemas(schemas);
  requireOption(option.required(option.listOf(PAIR, 'a list of pairs of id and text')), pairs, 'pairs');
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
