// Messages that were changed, between messages that were not.
import type { ParserExports, PluginInstance } from '@chipmunk-host/sdk/testing';
import { parseAll } from './feed.js';
import { type Generated, generateMessage } from './generator.js';
import { Random } from './random-bytes.js';

const STORAGE_PATTERN = 0x444c5401;
const SERIAL_PATTERN = 0x444c5301;
const SERIAL_HEADER_BYTES = 4;
const PATTERN = Buffer.from('DLT\x01');
/** Changed messages in one input. */
const MUTANTS = 500;

/**
 * Parses inputs in which every other message was changed, `count` changed ones in all.
 *
 * @throws {Error} when a message that was not changed has not its row, or when bytes are not accounted for
 */
export function parseMutants(plugin: PluginInstance<ParserExports>, seed: number, count: number): void {
  for (let done = 0; done < count; done += MUTANTS) parseInput(plugin, seed + done);
}

function parseInput(plugin: PluginInstance<ParserExports>, seed: number): void {
  const random = new Random(seed);
  const parts: Buffer[] = [];
  const intact: {
    readonly offset: number;
    readonly message: Generated;
    readonly before: Buffer;
    readonly original: Generated;
  }[] = [];
  let offset = 0;
  for (let i = 0; i < MUTANTS; i++) {
    const original = generateMessage(random, { framings: ['storage'], plain: true });
    const changed = mutate(random, original.bytes);
    const message = generateMessage(random, { framings: ['storage'], plain: true });
    intact.push({ offset: offset + changed.length, message, before: changed, original });
    parts.push(changed, message.bytes);
    offset += changed.length + message.bytes.length;
  }
  const input = Buffer.concat(parts);
  const { rows, skipped } = parseAll(plugin, input, {}, [65536]);

  const bytes = rows.reduce((sum, row) => sum + row.bytes, skipped);
  if (bytes !== input.length) throw new Error(`seed ${seed}: ${bytes} of ${input.length} bytes are accounted for`);
  const found = new Map(rows.map((row) => [row.offset, row.columns.join('\x04')]));
  let claimed = 0;
  for (const { offset: at, message, before, original } of intact) {
    // A length that leads to the end of a later message is not known to be wrong.
    claimed = Math.max(claimed, claimedEnd(before, input, at, original));
    if (at < claimed || found.get(at) === message.columns.join('\x04')) continue;
    // Its last bytes may be the first ones of a pattern with what became of the next message.
    const seam = at + message.bytes.length;
    if (input.subarray(seam - 3, seam + 3).includes(PATTERN)) continue;
    const covering = rows.find((row) => row.offset <= at && at < row.offset + row.bytes);
    const taken =
      covering === undefined ? '' : input.subarray(covering.offset, covering.offset + covering.bytes).toString('hex');
    throw new Error(
      `seed ${seed}: the message ${at} bytes after the start is lost. It is ${message.bytes.toString('hex')}, behind ` +
        `${before.toString('hex')}; the row that covers it begins at ${covering?.offset}: ${taken}`,
    );
  }
}

/** Where the changed message ends by its length, if that is exactly the end of a later message; else 0. */
function claimedEnd(before: Buffer, input: Buffer, end: number, original: Generated): number {
  const start = end - before.length;
  const pattern = input.readUInt32BE(start);
  // One bit makes a serial header of a storage header.
  const header = start + (pattern === SERIAL_PATTERN ? SERIAL_HEADER_BYTES : original.headerBytes);
  if (header + 7 > input.length || (pattern !== STORAGE_PATTERN && pattern !== SERIAL_PATTERN)) return 0;
  const lengths = [input.readUInt16BE(header + 2)];
  // The change may have made it one of version 2, whose numbers are written either way.
  if ((input.readUInt8(header) & 0xe0) === 0x40)
    lengths.push(input.readUInt16BE(header + 5), input.readUInt16LE(header + 5));
  const ends = lengths.map((length) => header + length).filter((next) => next > end && isEndOfMessage(next, input));
  return Math.max(0, ...ends);
}

function isEndOfMessage(next: number, input: Buffer): boolean {
  return next === input.length || (next + 4 <= input.length && input.readUInt32BE(next) === STORAGE_PATTERN);
}

function mutate(random: Random, message: Buffer): Buffer {
  const kind = random.below(8);
  const at = random.below(message.length);
  if (kind === 0) return Buffer.concat([message.subarray(0, at), message.subarray(at + 1 + random.below(20))]);
  if (kind === 1)
    return Buffer.concat([message.subarray(0, at), random.bytes(1 + random.below(20)), message.subarray(at)]);
  const changed = Buffer.from(message);
  // The headers are where a change does most.
  for (let i = 1 + random.below(3); i > 0; i--) {
    const place = random.chance(0.5) ? random.below(message.length) : random.below(Math.min(46, message.length));
    changed[place] = random.chance(0.5) ? random.below(256) : (changed[place] ?? 0) ^ (1 << random.below(8));
  }
  return changed;
}
