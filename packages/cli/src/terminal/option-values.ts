/** From the text of an option to its value, or to what is wrong with it. */
import { InvalidArgumentError } from 'commander';

export type ConfigPair = readonly [id: string, text: string];
export type Variables = Readonly<Record<string, string>>;

export function addPair(text: string, before: readonly ConfigPair[] = []): readonly ConfigPair[] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError("Expected 'id=value'.");
  return [...before, [text.slice(0, at), text.slice(at + 1)]];
}

/** A variable without a value gets the one that it has here. */
export function addVariable(text: string, before: Variables = {}): Variables {
  const at = text.indexOf('=');
  const name = at < 0 ? text : text.slice(0, at);
  if (name === '') throw new InvalidArgumentError("Expected 'NAME' or 'NAME=VALUE'.");
  const value = at < 0 ? process.env[name] : text.slice(at + 1);
  // A plugin that misses it would fail somewhere else, or differ in silence.
  if (value === undefined) throw new InvalidArgumentError(`The variable is not set; write '${name}=VALUE'.`);
  return { ...before, [name]: value };
}

/** Also where it comes from the environment, which may hold an empty value. */
export function directoryPath(text: string): string {
  if (text === '') throw new InvalidArgumentError('Expected a path.');
  return text;
}

/** Names with commas between them. A comma in a name is written twice. */
export function list(text: string): readonly string[] {
  const names = text.split(/(?<!,),(?!,)/).map((name) => name.replaceAll(',,', ','));
  if (names.some((name) => name === ''))
    throw new InvalidArgumentError("Expected names with commas between them: 'a,b'.");
  return names;
}

/** The same, of names that are known. */
export function choices<Name extends string>(text: string, known: readonly Name[]): readonly Name[] {
  const names = list(text);
  const unknown = names.find((name) => !(known as readonly string[]).includes(name));
  if (unknown !== undefined) throw new InvalidArgumentError(`'${unknown}' is none of ${known.join(', ')}.`);
  return names as readonly Name[];
}

export function wholeNumber(most: number, least = 0): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most))
      throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
    return value;
  };
}

/** How users write that there is no limit. */
const NO_LIMIT = 'none';

/** @returns Infinity for `none` */
export function limit(most: number, least: number): (text: string) => number {
  return (text) => {
    if (text === NO_LIMIT) return Number.POSITIVE_INFINITY;
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most))
      throw new InvalidArgumentError(
        `Expected a whole number from ${least} to ${most}, or '${NO_LIMIT}' for no limit.`,
      );
    return value;
  };
}

/** A part of a whole, as `0.01` or `1%`. @returns from 0 to 1 */
export function share(text: string): number {
  const [, digits, percent] = /^(\d+(?:\.\d+)?|\.\d+)(%?)$/.exec(text) ?? [];
  const value = Number(digits ?? Number.NaN) / (percent === '%' ? 100 : 1);
  if (!(value <= 1))
    throw new InvalidArgumentError("Expected a share from 0 to 1, or from 0% to 100%: '0.01' or '1%'.");
  return value;
}

const SIZE_UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };
const BINARY_UNITS: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** A number of bytes with a unit, as `100MB` (millions) or `1GiB` (2^30 bytes). */
export function byteSize(least: number): (text: string) => number {
  return (text) => {
    const [, digits, prefix = '', i] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?$/i.exec(text) ?? [];
    const unit = (i ? BINARY_UNITS : SIZE_UNITS)[prefix.toLowerCase()] ?? Number.NaN;
    const value = Math.floor(Number(digits ?? Number.NaN) * unit);
    if (!(value >= least && value <= Number.MAX_SAFE_INTEGER))
      throw new InvalidArgumentError(`Expected a size with a unit, such as 100MB or 1GiB, of at least ${least} bytes.`);
    return value;
  };
}

const TIME_UNITS: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600, d: 86_400 };

/** A time with a unit. @returns milliseconds */
export function duration(least: number, most: number): (text: string) => number {
  return (text) => {
    const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*(s|min|h|d)$/.exec(text) ?? [];
    const value = Math.round(Number(digits ?? Number.NaN) * (TIME_UNITS[unit] ?? Number.NaN) * 1000);
    if (!(value >= least && value <= most))
      throw new InvalidArgumentError(
        `Expected a time in s, min, h or d, such as 30s or 1h, from ${least / 1000} s to ${Math.floor(most / 86_400_000)} d.`,
      );
    return value;
  };
}

const OPTIONAL_SHARE = '--fail-on-skip';

/** The option takes its value behind `=` only: an argument that follows it is a file. */
export function withOwnValues(argv: readonly string[]): readonly string[] {
  const over = argv.indexOf('--');
  return argv.map((word, at) => (word === OPTIONAL_SHARE && (over < 0 || at < over) ? `${word}=0` : word));
}
