/**
 * Fuzz target `config`: random values against random schemas. Whatever comes, checking it must end with faults or with a value
 * of the right type for every id; what JSON can say must be accepted by the exported JSON Schema, as an independent
 * validator reads it, exactly when `validateConfig` finds no fault.
 */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import {
  ANNOTATION,
  ConfigError,
  configFromStrings,
  configJsonSchema,
  configToJson,
  HostError,
  parseConfigJson,
  parseConfigToml,
  resolveConfig,
  validateConfig,
} from '#index.js';

const CASES_PER_ROUND = 500;
const PROGRESS_MS = 10_000;
const JS_TYPES = {
  boolean: 'boolean',
  integer: 'number',
  float: 'number',
  text: 'string',
  dropdown: 'string',
  files: 'object',
  directories: 'object',
};

/** Few letters, so that ids and options meet each other; and names that objects have of their own. */
const name = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', '_', '-', 'é', '1'), maxLength: 4 }),
  fc.constantFrom('constructor', 'toString', 'hasOwnProperty', 'length', '0', '$ref', ''),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const int32 = fc.oneof(fc.integer(), fc.constantFrom(-0x8000_0000, 0x7fff_ffff, 0));
const float32 = fc.oneof(fc.float(), fc.constantFrom(Number.NaN, Infinity, -Infinity, 3.4028234663852886e38));
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), name);
const type = fc.oneof(
  fc.record({ kind: fc.constant('boolean'), default: fc.boolean() }),
  fc.record({ kind: fc.constant('integer'), default: int32 }),
  fc.record({ kind: fc.constant('float'), default: float32 }),
  fc.record({ kind: fc.constant('text'), default: text }),
  fc.constant({ kind: 'directories' }),
  fc.record({ kind: fc.constant('files'), extensions: fc.array(name, { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('dropdown'), options: fc.array(name, { maxLength: 4 }), default: name }),
);
const schema = fc.record({ id: name, title: text, description: fc.option(text, { nil: undefined }), type });
const schemas = fc.uniqueArray(schema, { selector: ({ id }) => id, maxLength: 6 });

const edge = fc.constantFrom(
  ...[-0x8000_0001, 0x8000_0000, 0.5, -0, 1e300, -3.5e38, 3.4028235e38, 'NaN', 'Infinity', '-Infinity', 'inf', 'true'],
  ...[null, '', 0, 1, true, false, [], [''], ['a', 1], {}, [['a']]],
);
const jsonValue = fc.oneof(edge, int32, text, fc.boolean(), fc.array(text, { maxLength: 3 }), fc.jsonValue());
/** What only a program can give. */
const oddValue = fc.oneof(
  jsonValue,
  float32,
  fc.constantFrom(undefined, 1n, Symbol('s'), () => {}),
  fc.anything(),
);

/** A value that fits the type, or nearly. */
function valueFor({ kind, options = [] }) {
  const fitting = {
    boolean: fc.boolean(),
    integer: int32,
    float: fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom('NaN', 'Infinity')),
    text,
    directories: fc.array(text, { maxLength: 3 }),
    files: fc.array(text, { maxLength: 3 }),
    dropdown: options.length === 0 ? text : fc.constantFrom(...options),
  };
  return fc.oneof({ weight: 4, arbitrary: fitting[kind] }, jsonValue);
}

const jsonInput = schemas.chain((given) =>
  fc.tuple(
    fc.constant(given),
    fc.tuple(...given.map(({ type }) => fc.option(valueFor(type), { nil: undefined }))),
    fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(fc.tuple(name, jsonValue), { maxLength: 2 })),
  ),
);

/** JSON Schema and `validateConfig` agree, and what is accepted survives JSON. */
const agreement = fc.property(jsonInput, ([given, values, more]) => {
  const pairs = given.map(({ id }, index) => [id, values[index]]).filter(([, value]) => value !== undefined);
  const input = throughJson(Object.fromEntries([...pairs, ...more]));
  const faults = validateConfig(given, input);
  const schema = throughJson(configJsonSchema(given, 'Form'));
  const check = compile(schema);
  strictEqual(check(input), faults.length === 0, JSON.stringify({ schema, input, faults, ajv: check.errors }));
  describeFaults(given, faults);
  if (faults.length > 0) return;
  const items = resolveConfig(given, input);
  const json = throughJson(configToJson(items));
  // -0 is all that JSON loses, and no plugin is told it apart from 0 by its host.
  deepStrictEqual(withoutNegativeZero(resolveConfig(given, json)), withoutNegativeZero(items));
  strictEqual(check(json), true, JSON.stringify({ schema, json, ajv: check.errors }));
});

/** The defaults that the schema names are the ones that are filled in, and fit. */
const defaults = fc.property(schemas, (given) => {
  const { properties } = throughJson(configJsonSchema(given));
  const named = Object.fromEntries(Object.entries(properties).map(([id, property]) => [id, property.default]));
  const filled = withoutNegativeZero(resolveConfig(given, {}));
  deepStrictEqual(withoutNegativeZero(resolveConfig(given, named)), filled);
  for (const { id, type } of given) strictEqual(properties[id][ANNOTATION].type, type.kind);
});

/** Whatever a program gives, there are faults or values of the right types. */
const anything = fc.property(
  schemas,
  fc.oneof(fc.dictionary(name, oddValue, { maxKeys: 4 }), fc.anything({ withNullPrototype: true })),
  (given, input) => {
    const faults = validateConfig(given, input);
    describeFaults(given, faults);
    let items;
    try {
      items = resolveConfig(given, input);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      deepStrictEqual(error.faults, faults);
      return;
    }
    strictEqual(faults.length, 0);
    checkItems(given, items);
  },
);

/** Text of a command line becomes a configuration or faults; what a value prints as is that value again. */
const fromText = fc.property(schemas, fc.array(fc.tuple(name, text), { maxLength: 5 }), (given, pairs) => {
  describeFaults(given, validateConfig(given, configFromStrings(given, pairs)));
  const items = resolveConfig(given, {});
  const printed = items
    .filter(({ value }) => !Array.isArray(value.value))
    .map(({ id, value }) => [id, Object.is(value.value, -0) ? '-0' : String(value.value)]);
  deepStrictEqual(
    withoutNegativeZero(resolveConfig(given, configFromStrings(given, printed))),
    withoutNegativeZero(items),
  );
});

/** A file in either form becomes values or one clear error. */
const files = fc.property(
  fc.oneof(
    text,
    fc.json(),
    fc.array(fc.constantFrom(...TOML_PIECES()), { maxLength: 12 }).map((list) => list.join('')),
  ),
  (content) => {
    for (const parse of [parseConfigJson, (toml) => parseConfigToml(toml).values]) {
      try {
        strictEqual(typeof parse(content), 'object');
      } catch (error) {
        if (!(error instanceof HostError) || error.code !== 'ERR_CONFIG_FILE') throw error;
      }
    }
  },
);

function TOML_PIECES() {
  const lines = ['[[config]]\n', 'id = "a"\n', 'value.Boolean = true\n', 'value.Integer = 7\n', 'value.Float = inf\n'];
  return [
    ...lines,
    'value.Files = ["x"]\n',
    'binary_path = "x"\n',
    'id = 1\n',
    '[config]\n',
    '=',
    '"',
    '\n',
    '{}',
    '[a]',
  ];
}

/**
 * @param {import('./config.mjs').FuzzOptions} options
 * @returns {Promise<{ executed: number, summary: string }>} when nothing was found
 */
export async function fuzz({ seconds, seed, log, rounds = Number.POSITIVE_INFINITY }) {
  const until = performance.now() + seconds * 1000;
  let reported = performance.now();
  let executed = 0;
  for (let round = 0; round < rounds && performance.now() < until; round++) {
    const roundSeed = (seed + round) % 0x8000_0000;
    for (const property of [agreement, defaults, anything, fromText, files]) {
      try {
        fc.assert(property, { seed: roundSeed, numRuns: CASES_PER_ROUND / 5 });
      } catch (cause) {
        const message = `config fails with seed ${roundSeed}: ${cause.message}`;
        throw Object.assign(new Error(message, { cause }), { seed: roundSeed });
      }
    }
    executed += CASES_PER_ROUND;
    if (performance.now() - reported > PROGRESS_MS) {
      reported = performance.now();
      log(`config: ${executed} cases so far`);
    }
    // Others, such as the end of a test run, get their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { executed, summary: `config: ${executed} cases` };
}

/** Strict, so that the schema itself is checked, too. It keeps what it compiles until it is told to forget it. */
const ajv = new Ajv2020({ strict: true, allErrors: true, ownProperties: true, keywords: [ANNOTATION] });

function compile(schema) {
  try {
    return ajv.compile(schema);
  } finally {
    ajv.removeSchema(schema);
  }
}

function describeFaults(given, faults) {
  const ids = new Set(given.map(({ id }) => id));
  for (const { id, problem, expected, suggestion, message } of faults) {
    strictEqual(ids.has(id) || id === '', problem === 'value' || id === '', message);
    if (expected === '' || !message.includes(expected.slice(0, 10)))
      throw new Error(`a fault without words: ${message}`);
    if (suggestion !== undefined && !message.includes(suggestion)) throw new Error(`a hidden suggestion: ${message}`);
  }
}

function checkItems(given, items) {
  deepStrictEqual(
    items.map(({ id, value }) => [id, value.kind]),
    given.map(({ id, type }) => [id, type.kind]),
  );
  for (const { value } of items) strictEqual(typeof value.value, JS_TYPES[value.kind]);
}

function withoutNegativeZero(items) {
  return items.map(({ id, value }) => ({
    id,
    value: { ...value, value: Object.is(value.value, -0) ? 0 : value.value },
  }));
}

function throughJson(value) {
  return JSON.parse(JSON.stringify(value));
}
