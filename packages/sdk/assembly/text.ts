/**
 * Text at the border: AssemblyScript's strings are UTF-16, the host's are UTF-8. A lone surrogate, which UTF-8 cannot
 * express, becomes U+FFFD.
 */
import { reserve, shorten } from './arena';

/** Writes a string into the arena, and its address and length in bytes at `target`. */
export function storeText(target: usize, text: string): void {
  const most = <usize>text.length * 3;
  const at = reserve(most);
  const length = encode(text, at);
  shorten(at, length);
  store<usize>(target, at);
  store<usize>(target, length, 4);
}

/** Writes an optional string: its presence at `target`, its address and length after that. */
export function storeOptionalText(target: usize, text: string | null): void {
  if (text === null) {
    store<u8>(target, 0);
  } else {
    store<u8>(target, 1);
    storeText(target + 4, text);
  }
}

/** Writes a list of strings into the arena, and its address and length at `target`. */
export function storeTexts(target: usize, texts: string[]): void {
  const count = texts.length;
  const list = reserve(<usize>count << 3, 4);
  for (let i = 0; i < count; i++) storeText(list + (<usize>i << 3), texts[i]);
  store<usize>(target, list);
  store<i32>(target, count, 4);
}

/** The string whose address and length in bytes are at `source`. */
export function loadText(source: usize): string {
  return decode(load<usize>(source), load<usize>(source, 4));
}

/** The strings of the list whose address and length are at `source`. */
export function loadTexts(source: usize): string[] {
  const list = load<usize>(source);
  const count = load<i32>(source, 4);
  const texts = new Array<string>(count);
  for (let i = 0; i < count; i++) texts[i] = loadText(list + (<usize>i << 3));
  return texts;
}

/** Writes a string as UTF-8 to memory that has room for three bytes for each of its UTF-16 units; returns the bytes written. */
// @ts-ignore: decorator
@inline
export function encode(text: string, target: usize): usize {
  return String.UTF8.encodeUnsafe(
    changetype<usize>(text),
    text.length,
    target,
    false,
    String.UTF8.ErrorMode.REPLACE,
  );
}

/** The string that lies as valid UTF-8 at an address. */
// @ts-ignore: decorator
@inline
export function decode(source: usize, length: usize): string {
  return String.UTF8.decodeUnsafe(source, length);
}
