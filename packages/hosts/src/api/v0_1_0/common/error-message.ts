/** The messages of a plugin's errors. They end up in logs and before people, so the ends of long ones are cut off. */
import { OversizedText } from '@chipmunk-host/runtime/internal/worker';

/** Bytes, or characters where a message comes as a string. */
const MOST = 16_384;

/** A message that lies in a plugin's memory, and is UTF-8. */
export function decodeMessage(text: Uint8Array): string {
  let end = Math.min(text.length, MOST);
  while (end < text.length && ((text[end] as number) & 0xc0) === 0x80) end--;
  return marked(Buffer.from(text.buffer, text.byteOffset, end).toString('utf8'), end, text.length);
}

/** A message that the bindings decoded. */
export function cutMessage(text: string | OversizedText): string {
  if (text instanceof OversizedText) return marked(text.head.slice(0, MOST), MOST, text.byteLength);
  return text.length <= MOST ? text : marked(text.slice(0, MOST), MOST, Buffer.byteLength(text));
}

function marked(shown: string, shownBytes: number, bytes: number): string {
  return shownBytes < bytes ? `${shown} … (${bytes} bytes)` : shown;
}
