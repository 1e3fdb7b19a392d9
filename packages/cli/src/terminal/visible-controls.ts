/**
 * Text for a terminal with its control characters made visible, as `less` and `cat -v` show them: log files and plugins must not
 * move the cursor, set the title, forge lines of this program or type on the user's keyboard. Files and pipes get them as they are.
 */

const CONTROL = /\r\n|[\p{Cc}\p{Bidi_Control}]/gu;

/**
 * Line ends and tabs stay. Other control characters below U+0020 become `^` and a letter (ESC is `^[`); the rest of them, and the
 * characters that turn the direction of writing, become `\u` and four hexadecimal digits, which leaves JSON what it is.
 */
export function visibleControls(text: string): string {
  return text.replace(CONTROL, (control) => {
    if (control === '\n' || control === '\t' || control === '\r\n') return control;
    const code = control.charCodeAt(0);
    return code < 0x20 ? `^${String.fromCharCode(code + 0x40)}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** The same for UTF-8 in chunks, which may end in the middle of a character. */
export class VisibleChunks {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  readonly #encoder = new TextEncoder();

  /** @returns another chunk, without the beginning of a character at the end of this one */
  next(chunk: Uint8Array): Uint8Array {
    return this.#encoder.encode(visibleControls(this.#decoder.decode(chunk, { stream: true })));
  }
}
