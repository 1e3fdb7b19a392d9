/** Chooses the parser when none is named. */
import type { PluginEntry } from '@chipmunk-host/manager';
import { UsageError } from '../terminal/command-error.js';
import { oneLine } from '../terminal/terminal-text.js';

/** Of the shipped parsers the one for text, which takes any input. */
const PARSER_OF_TEXT = 'string-parser';

/**
 * The only usable parser that is installed. Shipped parsers count only when none is installed: the user chose the installed ones, not
 * the shipped ones. Of these it is the one for text.
 * @throws UsageError with the names when there are several, or none
 */
export function soleParser(plugins: readonly PluginEntry[]): PluginEntry {
  const usable = plugins.filter(({ kind, state }) => kind === 'parser' && (state === 'valid' || state === 'unloaded'));
  const installed = usable.filter(({ origin }) => origin === 'installed');
  const ofText = usable.filter(({ name, origin }) => origin !== 'installed' && name === PARSER_OF_TEXT);
  const candidates = [installed, ofText, usable].find(({ length }) => length > 0) ?? [];
  const [parser] = candidates;
  if (parser !== undefined && candidates.length === 1) return parser;
  const names = candidates.map(({ name }) => oneLine(name)).join(', ');
  throw new UsageError(
    parser === undefined
      ? "no parser can be used; name a .wasm file with '--parser', and see 'chipmunk-host doctor'"
      : `there are several parsers (${names}); name one with '--parser'`,
  );
}
