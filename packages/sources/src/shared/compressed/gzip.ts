/** gzip: members one after the other, each with its own checksum (RFC 1952). */
import { crc32, createInflateRaw } from 'node:zlib';
import { cutOff, DamagedData } from './damage.js';
import type { InputPieces } from './input-pieces.js';
import { type Member, memberBytes } from './member.js';
import { CHUNK_BYTES, type Decompressor, RUN_OPTIONS, ZlibRun } from './zlib-run.js';

const MAGIC = [0x1f, 0x8b, 8];
const FIXED_HEADER_BYTES = 10;
const TRAILER_BYTES = 8;
const LEAST_CHUNK_BYTES = 16 * 1024;
/** Of a name or a comment: nobody's is longer. */
const MOST_TEXT_BYTES = 64 * 1024;

const Flag = { headerChecksum: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 };

/**
 * @param onGarbage told of bytes behind the last member that are no gzip, and are left out
 * @throws DamagedData behind what could be decompressed
 */
export async function* gunzipped(
  input: InputPieces,
  onGarbage: (position: number, bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let chunkSize = CHUNK_BYTES;
  for (let members = 0; await hasMember(input, members, onGarbage); members++) {
    await skipHeader(input);
    const start = input.position;
    let checksum = 0;
    let length = 0;
    for await (const chunk of memberBytes(input, rawMember(input, chunkSize))) {
      checksum = crc32(chunk, checksum);
      length += chunk.length;
      yield chunk;
    }
    await checkTrailer(input, start, checksum, length);
    // Members are mostly about as long as the one before, and some files have a great many of them.
    chunkSize = Math.min(CHUNK_BYTES, Math.max(LEAST_CHUNK_BYTES, length));
  }
}

function rawMember(input: InputPieces, chunkSize: number): Member {
  return {
    pieces: () => (most) => input.take(most),
    run: (options) => {
      const stream = createInflateRaw({ ...RUN_OPTIONS, chunkSize }) as unknown as Decompressor;
      return new ZlibRun(stream, { ...options, findsEnd: true });
    },
  };
}

/** Padding of zeros, and what is no gzip, may follow the last member. */
async function hasMember(
  input: InputPieces,
  members: number,
  onGarbage: (position: number, bytes: number) => void,
): Promise<boolean> {
  const head = await input.peek(MAGIC.length);
  if (head.length === 0) return false;
  const alike = MAGIC.filter((byte, at) => head[at] === byte).length;
  if (alike === MAGIC.length) return true;
  const { position } = input;
  if (head.length < MAGIC.length && alike === head.length) throw cutOff(position + head.length);
  if (members === 0) throw new DamagedData('does not begin as gzip', position);
  // A header with one byte that is wrong is hardly anything else.
  if (alike === MAGIC.length - 1) throw new DamagedData('has a damaged header', position);
  let bytes = 0;
  let isPadding = true;
  for (;;) {
    const piece = await input.take(Number.POSITIVE_INFINITY);
    if (piece === undefined) break;
    isPadding &&= piece.every((byte) => byte === 0);
    bytes += piece.length;
  }
  if (!isPadding) onGarbage(position, bytes);
  return false;
}

async function skipHeader(input: InputPieces): Promise<void> {
  const start = input.position;
  const fixed = await taken(input, FIXED_HEADER_BYTES);
  const flags = fixed[3] as number;
  if ((flags & Flag.reserved) !== 0) throw new DamagedData('has a damaged header', start);
  if ((flags & Flag.extra) !== 0) {
    const [low = 0, high = 0] = await taken(input, 2);
    await taken(input, low | (high << 8));
  }
  if ((flags & Flag.name) !== 0) await skipText(input, start);
  if ((flags & Flag.comment) !== 0) await skipText(input, start);
  if ((flags & Flag.headerChecksum) !== 0) await taken(input, 2);
}

async function skipText(input: InputPieces, header: number): Promise<void> {
  for (let length = 64; ; length *= 2) {
    const held = await input.peek(length);
    const end = held.indexOf(0);
    if (end >= 0 && end < MOST_TEXT_BYTES) {
      await input.takeAll(end + 1);
      return;
    }
    if (held.length < length) throw cutOff(input.position + held.length);
    if (length > MOST_TEXT_BYTES) throw new DamagedData('has a damaged header', header);
  }
}

async function checkTrailer(input: InputPieces, start: number, checksum: number, length: number): Promise<void> {
  const { position } = input;
  const trailer = Buffer.from(await taken(input, TRAILER_BYTES));
  if (trailer.readUInt32LE(0) !== checksum >>> 0 || trailer.readUInt32LE(4) !== length % 2 ** 32)
    throw new DamagedData(
      `has other content than its checksum says: some of the last ${length} bytes, from byte ${start} of the file on, are wrong`,
      position,
    );
}

async function taken(input: InputPieces, length: number): Promise<Uint8Array> {
  const bytes = length === 0 ? new Uint8Array(0) : await input.takeAll(length);
  if (bytes === undefined) throw cutOff(input.position + (await input.peek(length)).length);
  return bytes;
}
