/** The types that options have, for tables of them (option-table.ts). Values of other realms are taken: nothing is `instanceof`. */
import { fileURLToPath } from 'node:url';
import { isUint8Array } from 'node:util/types';
import { nearestName } from './nearest-name.js';
import {
  isObject,
  membersFromJson,
  type OptionTable,
  type OptionType,
  requireMembers,
  requireOption,
  unknownOption,
  wrongOption,
} from './option-table.js';

/** Of a timer, and of a word of 32 bits. */
const MOST = 0x7fff_ffff;

export function required(type: OptionType): OptionType {
  return { ...type, isRequired: true };
}

export function withHelp(help: string, type: OptionType): OptionType {
  return { ...type, help };
}

export const flag: OptionType = {
  expected: 'true or false',
  accepts: (value) => typeof value === 'boolean',
};

export function whole(least: number, most = MOST): OptionType {
  return {
    expected: `a whole number from ${least} to ${most}`,
    accepts: (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
  };
}

/** What stands for no limit in JSON, which has no Infinity. */
const NO_LIMIT = 'none';

/** A whole number, or Infinity for no limit. */
export function limit(least: number, most = MOST): OptionType {
  return orNoLimit(whole(least, most));
}

/** Milliseconds that one call may take. */
export const timeLimit: OptionType = limit(1);

/** An amount that may be without bound, or nothing at all. */
export const amount: OptionType = orNoLimit({
  expected: 'a number of at least 0',
  accepts: (value) => Number.isFinite(value) && (value as number) >= 0,
});

/** A time to wait, which may be no time at all, in milliseconds. */
export const delay: OptionType = whole(0);

export const finiteNumber: OptionType = {
  expected: 'a finite number',
  accepts: (value) => Number.isFinite(value),
};

export const text: OptionType = {
  expected: 'a text',
  accepts: (value) => typeof value === 'string',
};

export const name: OptionType = {
  expected: 'a text that is not empty',
  accepts: (value) => typeof value === 'string' && value !== '',
};

export const path: OptionType = { expected: 'a path', accepts: isPath };

/** See `pathOf`. */
export const fileOrUrl: OptionType = {
  expected: 'the path of a file or a file: URL',
  help: 'Read what is at another URL as a stream: `source: { stream: (await fetch(url)).body }`.',
  accepts: (value) => isPath(value) || isFileUrl(value),
};

export const sha256: OptionType = {
  expected: 'a SHA-256 as 64 hexadecimal digits',
  accepts: (value) => typeof value === 'string' && /^[0-9a-f]{64}$/i.test(value),
};

export const callback: OptionType = {
  expected: 'a function',
  accepts: (value) => typeof value === 'function',
};

export const bytes: OptionType = {
  expected: 'bytes (Uint8Array)',
  accepts: (value) => isUint8Array(value),
};

export const url: OptionType = { expected: 'a URL', accepts: isUrl };

export const signal: OptionType = {
  expected: 'an AbortSignal',
  help: 'Give the `signal` of an AbortController, not the controller.',
  accepts: (value) =>
    isObject(value) && typeof (value as AbortSignal).aborted === 'boolean' && has(value, 'addEventListener'),
};

/** What yields bytes. Bytes themselves are iterable, too, but yield numbers. */
export const byteStream: OptionType = {
  expected: 'a stream or another iterable of bytes (Uint8Array)',
  help: 'Put bytes that you have into a list: `stream: [bytes]`.',
  accepts: (value) =>
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    !ArrayBuffer.isView(value) &&
    (has(value, Symbol.asyncIterator) || has(value, Symbol.iterator)),
};

/** An object of this project's, told by some of its members. */
export function instance(expected: string, ...methods: readonly string[]): OptionType {
  return { expected, accepts: (value) => isObject(value) && methods.every((method) => method in value) };
}

export function oneOf(names: readonly string[]): OptionType {
  return {
    expected: names.map((one) => `'${one}'`).join(names.length === 2 ? ' or ' : ', '),
    accepts: (value) => (names as readonly unknown[]).includes(value),
    suggestion: (value) => (typeof value === 'string' ? nearestName(value, names) : undefined),
  };
}

/** Whichever of the types accepts the value first looks into it. */
export function either(...types: readonly OptionType[]): OptionType {
  return {
    expected: types.map(({ expected }) => expected).join(' or '),
    accepts: (value) => types.some((type) => type.accepts(value)),
    lookInto: (value, at) => types.find((type) => type.accepts(value))?.lookInto?.(value, at),
    fromJson: (value, at) => types.reduce((read, { fromJson }) => fromJson?.(read, at) ?? read, value),
  };
}

/** One value alone. */
export function only(constant: boolean): OptionType {
  return { expected: String(constant), accepts: (value) => value === constant };
}

/** A finite number of at least `least`. */
export function atLeast(least: number): OptionType {
  return {
    expected: `a finite number of at least ${least}`,
    accepts: (value) => Number.isFinite(value) && (value as number) >= least,
  };
}

export function listOf(type: OptionType, expected: string): OptionType {
  return {
    expected,
    accepts: Array.isArray,
    lookInto: (value, at) => {
      // Holes become undefined here, and are seen.
      for (const [index, one] of Array.from(value as unknown[]).entries())
        requireOption({ ...type, isRequired: true }, one, `${at}[${index}]`);
    },
  };
}

/** An object of values by names that are the caller's own. */
export function recordOf(type: OptionType, expected: string): OptionType {
  return {
    expected,
    accepts: isObject,
    lookInto: (value, at) => {
      for (const [key, one] of Object.entries(value as object))
        requireOption({ ...type, isRequired: true }, one, `${at}.${key}`);
    },
  };
}

export const object: OptionType = { expected: 'an object', accepts: isObject };

/** An object of further options. */
export function options<Options>(table: OptionTable<Options>): OptionType {
  return {
    expected: `an object with ${Object.keys(table).join(', ')}`,
    accepts: isObject,
    lookInto: (value, at) => requireMembers(value as object, table, at),
    fromJson: (value, at) => (isObject(value) ? membersFromJson(value, table, at) : value),
  };
}

/**
 * An object of one of several shapes, told by an option: the key of its table, the first one that is there. What is the key of another shape,
 * too, may stand beside it where its table has it.
 */
export function shapes<Shapes extends Readonly<Record<string, unknown>>>(
  tables: { readonly [Key in keyof Shapes]: OptionTable<Shapes[Key]> },
  help?: string,
): OptionType {
  const keys = Object.keys(tables);
  /** Of those that are there, the one whose shape has the others as options, such as `follow` beside a plugin; else the first one. */
  const keyOf = (isThere: (key: string) => boolean): (keyof Shapes & string) | undefined => {
    const there = keys.filter(isThere);
    const whole = there.find((key) => there.every((one) => one === key || one in tables[key as keyof Shapes]));
    return whole ?? there[0];
  };
  const expected = `an object with ${keys.slice(0, -1).join(', ')} or ${keys.at(-1)}`;
  return {
    expected,
    ...(help === undefined ? {} : { help }),
    accepts: isObject,
    lookInto: (value, at) => {
      const given = value as Record<string, unknown>;
      const key = keyOf((one) => given[one] !== undefined);
      if (key === undefined) {
        const [first] = Object.keys(given).filter((one) => !keys.includes(one));
        throw first === undefined ? wrongOption(at, value, expected, help) : unknownOption(first, keys, at);
      }
      const other = keys.find((one) => one !== key && given[one] !== undefined && !(one in tables[key]));
      if (other !== undefined) throw wrongOption(`${at}.${other}`, given[other], `nothing beside ${at}.${key}`, help);
      requireMembers(given, tables[key] as OptionTable<unknown>, at);
    },
    fromJson: (value, at) => {
      const key = isObject(value) ? keyOf((one) => Object.hasOwn(value, one)) : undefined;
      if (key === undefined) return value;
      return membersFromJson(value as object, tables[key as keyof Shapes] as OptionTable<unknown>, at);
    },
  };
}

/** The path of a file that was given as a path or as a file: URL. */
export function pathOf(file: string | URL): string {
  return typeof file === 'string' ? file : fileURLToPath(file.href);
}

function orNoLimit(finite: OptionType): OptionType {
  return {
    expected: `${finite.expected}, or Infinity for no limit`,
    accepts: (value) => value === Number.POSITIVE_INFINITY || finite.accepts(value),
    fromJson: (value, at) => {
      if (value === NO_LIMIT) return Number.POSITIVE_INFINITY;
      if (finite.accepts(value)) return value;
      throw wrongOption(at, value, `${finite.expected}, or '${NO_LIMIT}' for no limit`);
    },
  };
}

function isPath(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && !value.includes('\0');
}

function isUrl(value: unknown): value is URL {
  return Object.prototype.toString.call(value) === '[object URL]';
}

function isFileUrl(value: unknown): boolean {
  if (!isUrl(value)) return false;
  try {
    return isPath(pathOf(value));
  } catch {
    return false;
  }
}

function has(value: object, method: string | symbol): boolean {
  return typeof (value as Record<string | symbol, unknown>)[method] === 'function';
}
