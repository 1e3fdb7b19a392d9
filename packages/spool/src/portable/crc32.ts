/**
 * The checksum of a spool: CRC-32 as zlib has it (polynomial edb88320, reflected). Here in JavaScript, four bytes at a time; where the
 * runtime has a quicker one, `useCrc32` puts it in place.
 */
const TABLES = tables();

let checksum: (bytes: Uint8Array) => number = plainCrc32;

/** The checksum of the bytes, from 0 to 4294967295. */
export function crc32(bytes: Uint8Array): number {
  return checksum(bytes);
}

/** Replaces the way in which it is computed, not the result. */
export function useCrc32(quicker: (bytes: Uint8Array) => number): void {
  checksum = quicker;
}

/** The one in JavaScript. */
export function plainCrc32(bytes: Uint8Array): number {
  const [one, two, three, four] = TABLES as readonly [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  const { length } = bytes;
  let crc = 0xffff_ffff;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    crc ^=
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    crc =
      (four[crc & 0xff] as number) ^
      (three[(crc >>> 8) & 0xff] as number) ^
      (two[(crc >>> 16) & 0xff] as number) ^
      (one[crc >>> 24] as number);
  }
  for (; at < length; at++) crc = (one[(crc ^ (bytes[at] as number)) & 0xff] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}

function tables(): readonly Uint32Array[] {
  const first = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
    first[byte] = crc >>> 0;
  }
  const all = [first];
  for (let table = 1; table < 4; table++) {
    const before = all[table - 1] as Uint32Array;
    all.push(before.map((crc) => ((first[crc & 0xff] as number) ^ (crc >>> 8)) >>> 0));
  }
  return all;
}
