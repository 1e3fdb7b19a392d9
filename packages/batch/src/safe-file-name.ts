/** Names of files out of texts that nobody has checked, such as the names that logs give to attachments. */
import { BatchError } from './batch-error.js';

/** What a name becomes of which nothing is left. */
const NAMELESS = 'attachment';
/** Leaves room for a number, in file systems that take 255 bytes. */
const MOST_BYTES = 200;
const LEAST_BYTES = 32;

/** Control, format and bidirectional characters, line ends, halves of pairs, what is no character, and what Windows refuses. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Zl}\p{Zp}<>:"|?*]/gu;
/** Windows has devices of these names in every directory, whatever the suffix is. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$) *(?:\.|$)/i;
const SUFFIX = /\.[^. ]{1,15}$/u;

/**
 * A name that a file can have in any directory of Windows, macOS and Linux, made of what comes behind the last separator (`/` or `\`).
 * Characters that file systems or terminals take for something else become `_`, as do a dot or a hyphen at the beginning; spaces and dots
 * at the end are left out; a device name of Windows gets `_` in front; what is too long is cut before its suffix. The same text always gives the same
 * name, and different texts may give one: whoever writes files must not replace one, and has to know that `A` and `a` may be the same file.
 * @param maxBytes of the name as UTF-8, at least 32. Default 200
 * @throws BatchError `ERR_INVALID_OPTION`
 */
export function safeFileName(name: string, maxBytes = MOST_BYTES): string {
  if (!(Number.isInteger(maxBytes) && maxBytes >= LEAST_BYTES))
    throw new BatchError(
      'ERR_INVALID_OPTION',
      `The option maxBytes is ${String(maxBytes)}; expected a whole number from ${LEAST_BYTES}.`,
    );
  const last = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  // Cut first, roughly: what is hostile may be long, and each step makes a copy.
  const clean = shortened(last, maxBytes * 4)
    .normalize('NFC')
    .replace(UNSAFE, '_')
    .replace(/\s/g, ' ')
    .replace(/[ .]+$/, '')
    .replace(/^ +/, '')
    .replace(/^[.-]/, '_');
  const short = shortened(DEVICE.test(clean) ? `_${clean}` : clean, maxBytes).replace(/[ .]+$/, '');
  return short === '' ? NAMELESS : short;
}

/** As many characters of the name as fit, and its suffix. */
function shortened(name: string, maxBytes: number): string {
  // No character of the language has more than three bytes.
  if (name.length * 3 <= maxBytes || bytesOf(name) <= maxBytes) return name;
  const [suffix = ''] = SUFFIX.exec(name.slice(-64)) ?? [];
  const room = bytesOf(suffix) * 2 > maxBytes ? maxBytes : maxBytes - bytesOf(suffix);
  let bytes = 0;
  let end = 0;
  for (const character of name) {
    bytes += bytesOf(character);
    if (bytes > room) break;
    end += character.length;
  }
  const stem = name.slice(0, end).replace(/[ .]+$/, '');
  return room === maxBytes ? stem : stem + suffix;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
