/**
 * Restarts of byte-sources that runners have learned of, for the parsers' runners in the same thread: a parser's thread may be lost
 * behind the note of a restart in its input, and in front of the record of it in its output.
 */
import type { SourceRestart } from '../shared/protocol/byte-source-messages.js';

const restarts = new Map<string, SourceRestart[]>();

/** @param input see SourceRequest */
export function restartsOf(input: string): SourceRestart[] {
  const known = restarts.get(input) ?? [];
  restarts.set(input, known);
  return known;
}

export function forgetRestarts(input: string): void {
  restarts.delete(input);
}
