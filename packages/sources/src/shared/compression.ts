/** Which compression an input has, by its first bytes: names of files say nothing. */

/** What a compressed input may be compressed with. */
export const COMPRESSIONS = ['gzip', 'zstd', 'bzip2', 'xz'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

/** First bytes as hexadecimal digits, where `.` is any digit. */
const SIGNATURES: readonly { readonly digits: string; readonly is: Compression }[] = [
  { digits: '1f8b08', is: 'gzip' },
  { digits: '28b52ffd', is: 'zstd' },
  // A frame without content, of 4 bytes: programs that compress in parallel begin with it.
  { digits: '5.2a4d1804000000', is: 'zstd' },
  // "BZh", the size of a block, and how a block or the end begins.
  { digits: '425a683.314159265359', is: 'bzip2' },
  { digits: '425a683.177245385090', is: 'bzip2' },
  { digits: 'fd377a585a00', is: 'xz' },
];

/** As many bytes as it takes to tell of any input. */
export const SIGNATURE_BYTES = 10;

/** Undefined when it is not compressed with any of these, as far as these bytes tell. */
export function compressionOf(head: Uint8Array): Compression | undefined {
  const digits = digitsOf(head);
  return SIGNATURES.find(
    (signature) => digits.length >= signature.digits.length && beginAlike(digits, signature.digits),
  )?.is;
}

/** Whether more bytes than these may tell that it is compressed. */
export function isUndecided(head: Uint8Array): boolean {
  const digits = digitsOf(head);
  return SIGNATURES.some(
    (signature) => digits.length < signature.digits.length && beginAlike(digits, signature.digits),
  );
}

function digitsOf(head: Uint8Array): string {
  return Buffer.from(head.subarray(0, SIGNATURE_BYTES)).toString('hex');
}

function beginAlike(digits: string, signature: string): boolean {
  const length = Math.min(digits.length, signature.length);
  for (let at = 0; at < length; at++) if (signature[at] !== '.' && signature[at] !== digits[at]) return false;
  return true;
}
