/**
 * A plugin's configuration as JSON Schema (draft 2020-12), for libraries that draw and check forms. What it accepts is what
 * `validateConfig` accepts of JSON. Nothing is required: what is missing gets its default.
 */
import type { ConfigSchema, ConfigType } from '@chipmunk-host/hosts';
import { allowedOptions, floatToJson, MAX_FLOAT, NON_FINITE_TEXTS } from '@chipmunk-host/hosts/internal';

/** Anything that JSON can hold. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** A JSON Schema; plain data, to be passed to `JSON.stringify`. */
export type JsonSchema = { readonly [keyword: string]: JsonValue };

/** What a property is called that says more than JSON Schema can: `{ type, extensions? }`. Validators pass it over. */
export const ANNOTATION = 'x-chipmunk';

/**
 * @param schemas as `inspect` returns them
 * @param title what the form is called, such as the plugin's title
 * @returns an object schema with a property for each id, in the order of the schemas. A float is a number, or one of the texts
 *   `NaN`, `Infinity` and `-Infinity`, since JSON has no numbers for those. Files and directories are lists of texts; the
 *   extensions of files, for a dialog to filter by, are in the annotation `x-chipmunk`, and bind nobody, as in Chipmunk.
 */
export function configJsonSchema(schemas: readonly ConfigSchema[], title?: string): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...(title === undefined ? {} : { title }),
    type: 'object',
    // Entries, since an id may be anything, also `__proto__`.
    properties: Object.fromEntries(schemas.map((schema) => [schema.id, propertyOf(schema)])),
    additionalProperties: false,
  };
}

function propertyOf({ title, description, type }: ConfigSchema): JsonSchema {
  const extensions = type.kind === 'files' && type.extensions.length > 0 ? { extensions: type.extensions } : {};
  return {
    title,
    ...(description === undefined ? {} : { description }),
    ...typeOf(type),
    [ANNOTATION]: { type: type.kind, ...extensions },
  };
}

function typeOf(type: ConfigType): JsonSchema {
  switch (type.kind) {
    case 'boolean':
      return { type: 'boolean', default: type.default };
    case 'integer':
      return { type: 'integer', minimum: -0x8000_0000, maximum: 0x7fff_ffff, default: type.default };
    case 'float':
      return {
        anyOf: [
          { type: 'number', minimum: -MAX_FLOAT, maximum: MAX_FLOAT },
          { type: 'string', enum: NON_FINITE_TEXTS },
        ],
        default: floatToJson(type.default),
      };
    case 'text':
      return { type: 'string', default: type.default };
    case 'directories':
    case 'files':
      return { type: 'array', items: { type: 'string' }, default: [] };
    case 'dropdown':
      return { type: 'string', enum: allowedOptions(type), default: type.default };
  }
}
