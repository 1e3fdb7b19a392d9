/** Text of plugins for a terminal: what they write must not move its cursor, change its title or turn its lines around. */
import { stripVTControlCharacters } from 'node:util';

/** On one line. */
export function oneLine(text: string): string {
  return printable(text).replace(/\s*\n\s*/g, ' ');
}

/** On as many lines as it has. */
export function printable(text: string): string {
  const lines = stripVTControlCharacters(text).replaceAll('\r\n', '\n');
  return lines.replace(/[\p{Cc}\p{Bidi_Control}]/gu, (control) =>
    control === '\n' || control === '\t' ? control : '',
  );
}

/** No more of it than people read: plugins may write texts of any length. */
export function shortened(text: string, most = 2000): string {
  return text.length <= most ? text : `${text.slice(0, most)}… (${text.length - most} more characters)`;
}

/** With so many spaces before each line. */
export function indented(text: string, spaces = 2): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(spaces));
}
