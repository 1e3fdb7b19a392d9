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
  if (value === undefined) throw new InvalidArgumentError(`It is not set; give it a value with '${name}=VALUE'.`);
  return { ...before, [name]: value };
}

export function wholeNumber(most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value <= most)) throw new InvalidArgumentError(`Expected a whole number from 0 to ${most}.`);
    return value;
  };
}
