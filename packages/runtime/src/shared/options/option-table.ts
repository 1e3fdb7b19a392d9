/**
 * Checks what a caller hands over as options, before anything is done with it: unknown names, values of the wrong type or out of
 * range. A table says for each option what it may be (option-types.ts); its type has the compiler complain when one is missing.
 */
import { HostError } from '../errors.js';
import { kindOf } from '../kind-of.js';
import { nearestName } from './nearest-name.js';

/** What an option may be. */
export interface OptionType {
  /** What is allowed, for messages, such as `a whole number from 0 to 100`. */
  readonly expected: string;
  /** What to do about a value that is not. */
  readonly help?: string;
  /** Whether it must be given. Default false: `undefined` is as good as nothing. */
  readonly isRequired?: boolean;
  accepts(value: unknown): boolean;
  /** What was probably meant by a value that is not accepted. */
  suggestion?(value: unknown): string | undefined;
  /** From what stands for it in JSON. Default: the same. @throws HostError `ERR_INVALID_OPTION` */
  fromJson?(value: unknown, path: string): unknown;
  /** Looks into a value that is accepted. @throws HostError `ERR_INVALID_OPTION` */
  lookInto?(value: unknown, path: string): void;
}

/** What each option of a kind may be. */
export type OptionTable<Options> = { readonly [Name in keyof Options]-?: OptionType };

/** Longer texts are cut in messages. */
const MAX_SHOWN = 100;

/**
 * @param what what the options are called as a whole, such as `The request`
 * @throws HostError `ERR_INVALID_OPTION` for the first option that is unknown, missing, or not what the table says
 */
export function requireOptions<Options>(what: string, given: unknown, table: OptionTable<Options>): void {
  if (!isObject(given)) throw invalidOption(`${what} is ${show(given)}; expected an object.`);
  requireMembers(given, table, '');
}

/** The same of options that stand at `path` within others. */
export function requireMembers<Options>(given: object, table: OptionTable<Options>, path: string): void {
  const types: ReadonlyMap<string, OptionType> = new Map(Object.entries(table));
  for (const name of Object.keys(given)) if (!types.has(name)) throw unknownOption(name, [...types.keys()], path);
  const values = given as Readonly<Record<string, unknown>>;
  // What is there and wrong says more than what is missing.
  const inOrder = [...types].sort(([a], [b]) => Number(values[a] === undefined) - Number(values[b] === undefined));
  for (const [name, type] of inOrder) requireOption(type, values[name], join(path, name));
}

/**
 * Options from JSON, which has no Infinity: a limit may be the text `none` there. The table is not checked beyond that.
 * @param what what the options are called as a whole, such as `The request`
 * @throws HostError `ERR_INVALID_OPTION` for a limit that is neither a number in its bounds nor `none`
 */
export function optionsFromJson<Options>(what: string, given: unknown, table: OptionTable<Options>): Options {
  if (!isObject(given)) throw invalidOption(`${what} is ${show(given)}; expected an object.`);
  return membersFromJson(given, table, '') as Options;
}

/** The same of options that stand at `path` within others. */
export function membersFromJson<Options>(given: object, table: OptionTable<Options>, path: string): object {
  const types: ReadonlyMap<string, OptionType> = new Map(Object.entries(table));
  const convert = (name: string, value: unknown) => {
    const type = types.get(name);
    return type?.fromJson === undefined ? value : type.fromJson(value, join(path, name));
  };
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, convert(name, value)]));
}

export function requireOption(type: OptionType, value: unknown, path: string): void {
  if (value === undefined) {
    if (type.isRequired === true)
      throw invalidOption(`The option ${path} is missing; expected ${type.expected}.`, type.help);
    return;
  }
  if (!type.accepts(value)) throw wrongOption(path, value, type.expected, type.help, type.suggestion?.(value));
  type.lookInto?.(value, path);
}

/** @param suggestion what was probably meant */
export function wrongOption(
  path: string,
  value: unknown,
  expected: string,
  help?: string,
  suggestion?: string,
): HostError {
  const meant = suggestion === undefined ? '' : ` Did you mean '${suggestion}'?`;
  return invalidOption(`The option ${path} is ${show(value)}; expected ${expected}.${meant}`, help);
}

/** @param known the names that there are at this place */
export function unknownOption(name: string, known: readonly string[], path: string): HostError {
  const nearest = nearestName(name, known);
  const meant = nearest === undefined ? '' : ` Did you mean '${join(path, nearest)}'?`;
  const place = path === '' ? 'Options are' : `Options of ${path} are`;
  return invalidOption(`There is no option '${cut(join(path, name))}'.${meant}`, `${place}: ${known.join(', ')}.`);
}

export function invalidOption(message: string, help?: string): HostError {
  return new HostError('ERR_INVALID_OPTION', message, help === undefined ? {} : { help });
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value for a message. Of objects only the kind is shown: what is in them may be long, or secret. */
function show(value: unknown): string {
  if (typeof value === 'string') return `'${cut(value)}'`;
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.prototype.toString.call(value) === '[object URL]') return `the URL ${cut(String(value))}`;
  const isPlain = value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean';
  return isPlain ? (Object.is(value, -0) ? '-0' : String(value)) : kindOf(value);
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function cut(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
