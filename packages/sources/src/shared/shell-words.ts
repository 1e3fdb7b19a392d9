/** A command line as words: quotes and backslashes mean what they mean to a POSIX shell, and nothing is expanded. */
import { HostError } from '@chipmunk-host/runtime/internal/shared';

/** What a backslash takes its meaning from within double quotes. Before any other character it stands for itself there. */
const ESCAPED_IN_QUOTES = '$`"\\\n';

/**
 * @throws HostError `ERR_INVALID_OPTION` when a quote is not closed, or nothing follows a backslash
 */
export function shellWords(command: string): readonly string[] {
  const words: string[] = [];
  /** Undefined between words: an empty pair of quotes is a word. */
  let word: string | undefined;
  for (let at = 0; at < command.length; at++) {
    const character = command[at] as string;
    if (character === "'") {
      const end = command.indexOf("'", at + 1);
      if (end < 0) throw unclosed('single quote', "'", at, command);
      word = (word ?? '') + command.slice(at + 1, end);
      at = end;
    } else if (character === '"') {
      const quoted = doubleQuoted(command, at);
      word = (word ?? '') + quoted.text;
      at = quoted.end;
    } else if (character === '\\') {
      const next = command[++at];
      if (next === undefined)
        throw new HostError('ERR_INVALID_OPTION', `The command ends with a backslash: ${shown(command)}`, {
          help: 'Write a backslash twice to have one in a word.',
        });
      // A line that goes on in the next one.
      if (next !== '\n') word = (word ?? '') + next;
    } else if (' \t\n'.includes(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (word !== undefined) words.push(word);
  return words;
}

function doubleQuoted(command: string, start: number): { readonly text: string; readonly end: number } {
  let text = '';
  for (let at = start + 1; at < command.length; at++) {
    const character = command[at] as string;
    if (character === '"') return { text, end: at };
    const next = command[at + 1];
    if (character !== '\\' || next === undefined || !ESCAPED_IN_QUOTES.includes(next)) text += character;
    else {
      if (next !== '\n') text += next;
      at++;
    }
  }
  throw unclosed('double quote', '"', start, command);
}

function unclosed(name: string, quote: string, at: number, command: string): HostError {
  const message = `The ${name} at character ${at + 1} of the command is not closed: ${shown(command)}`;
  return new HostError('ERR_INVALID_OPTION', message, {
    help: `Close it with ${quote}, or put a backslash before it.`,
  });
}

function shown(command: string): string {
  return command.length > 100 ? `${command.slice(0, 100)}…` : command;
}
