/** Names in messages. */

/** Control and format characters (also those that turn the direction of text), separators of lines, lone surrogates. */
export const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;

/** A name in a message, with what cannot be seen in it escaped. */
export function quote(name: string): string {
  const visible = name.replace(new RegExp(UNPRINTABLE, 'gu'), (found) => {
    return `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`;
  });
  return `'${visible.length > 100 ? `${visible.slice(0, 100)}…` : visible}'`;
}
