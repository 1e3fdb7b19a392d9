// Random files of DLT for sessions with several instances, with beginnings of messages in payloads wherever a part of the file may begin.
import { generateMessage } from '../../../plugins/dlt-parser/test/generator.js';
import { logMessage, number, raw, text } from '../../../plugins/dlt-parser/test/log-message.js';
import { Random, u16, u32 } from '../../../plugins/dlt-parser/test/random-bytes.js';

export interface DltFile {
  readonly bytes: Buffer;
  /** Bytes of the parts that the file is split into. */
  readonly splitBytes: number;
  /** How many beginnings of messages were put into payloads. */
  readonly planted: number;
}

/** Where bytes of a payload are that may be any. */
interface Room {
  readonly start: number;
  readonly end: number;
}

const FRAMINGS = [
  ['storage'],
  ['storage'],
  ['serial'],
  ['both'],
  ['bare'],
  ['storage', 'serial'],
  ['storage', 'both', 'bare'],
] as const;
const PAYLOAD_HEAD_BYTES = 40;

export function dltFile(seed: number): DltFile {
  const random = new Random(seed);
  const splitBytes = 150 + random.below(1500);
  const framings = random.pick(FRAMINGS);
  const hasVersion2 = random.chance(0.1);
  const transfers = random.chance(0.4) ? random.list(1, 3, () => transfer(random)) : [];
  const parts: Buffer[] = [];
  const rooms: Room[] = [];
  let length = 0;
  const put = (part: Buffer) => {
    parts.push(part);
    length += part.length;
  };
  for (let count = 20 + random.below(80); count > 0; count--) {
    const kind = random.below(10);
    const open = transfers.filter((messages) => messages.length > 0);
    if (kind < 3 && open.length > 0) put(random.pick(open).shift() as Buffer);
    else if (hasVersion2 && kind === 3) put(version2(random));
    else if (kind < 7) {
      const data = random.bytes(100 + random.below(600));
      put(logMessage({ application: random.pick(['AP', 'NAV']), args: [raw(data)] }));
      rooms.push({ start: length - data.length, end: length });
    } else put(generateMessage(random, { framings, plain: random.chance(0.5) }).bytes);
  }
  let bytes: Buffer = Buffer.concat(parts);
  const planted = plant(random, bytes, rooms, splitBytes, random.pick([1, 1, 0.3, 0]));
  if (random.chance(0.4)) bytes = damaged(random, bytes);
  return { bytes, splitBytes, planted };
}

/** Puts the beginning of a message into the payload at every place where a part may begin, or at some. Returns how many were put. */
function plant(random: Random, bytes: Buffer, rooms: readonly Room[], splitBytes: number, share: number): number {
  let planted = 0;
  for (let at = splitBytes; at < bytes.length; at += splitBytes) {
    if (!random.chance(share)) continue;
    const room = rooms.find(({ start, end }) => at < end && Math.max(start, at) + PAYLOAD_HEAD_BYTES <= end);
    if (room === undefined || room.start > at + splitBytes) continue;
    const place = Math.max(room.start, at);
    beginning(random, room.end - place).copy(bytes, place);
    planted++;
  }
  return planted;
}

/** A message of which all is right, or its length leads just to the end of the one that it is in, or anywhere. */
function beginning(random: Random, roomBytes: number): Buffer {
  const kind = random.below(6);
  if (kind === 0) return Buffer.from('DLS\x01');
  const message =
    kind === 1
      ? logMessage({ application: 'FAKE', args: [text('x'), number(1), raw(Buffer.alloc(4))] })
      : kind === 2
        ? (transfer(random)[0] as Buffer)
        : logMessage({ application: 'FAKE', args: [text('planted')] });
  if (kind === 4) u16(Math.max(4, roomBytes - 16), true).copy(message, 18);
  if (kind === 5) u16(random.below(3000), true).copy(message, 18);
  return message.subarray(0, roomBytes);
}

function transfer(random: Random): Buffer[] {
  const id = random.below(3);
  const chunks = random.list(1, 6, () => random.bytes(1 + random.below(200)));
  const size = chunks.reduce((sum, { length }) => sum + length, 0);
  const info = (args: Buffer[]) => logMessage({ application: 'FT', args });
  const first = [
    text('FLST'),
    number(id),
    text(`file-${id}.bin`),
    number(size),
    text('2024-03-18'),
    number(chunks.length),
    number(200),
    text('FLST'),
  ];
  const data = chunks.map((chunk, index) =>
    info([text('FLDA'), number(id), number(index + 1), raw(chunk), text('FLDA')]),
  );
  return [info(first), ...data, info([text('FLFI'), number(id), text('FLFI')])];
}

/** A message of version 2 that is not verbose, with numbers in headers written either way, behind either storage header or none. */
function version2(random: Random): Buffer {
  const bigEndian = random.chance(0.5);
  const payload = random.bytes(random.below(40));
  const message = Buffer.concat([
    Buffer.from([0x41, 0, 0, 0, 7]),
    u16(20 + payload.length, bigEndian),
    u32(1000, bigEndian),
    Buffer.from([0, 0x65, 0, 0, 0]),
    u32(77, bigEndian),
    payload,
  ]);
  const headers = [
    Buffer.alloc(0),
    Buffer.concat([Buffer.from('DLT\x01'), u32(1_700_000_000, false), u32(0, false), Buffer.from('ECU1')]),
    Buffer.concat([Buffer.from('DLT\x02'), Buffer.from([0, 0x65, 0, 0, 0]), u32(5, bigEndian), Buffer.from('\x03ECU')]),
  ];
  return Buffer.concat([random.pick(headers), message]);
}

/** Bytes are changed, left out and put in. */
function damaged(random: Random, bytes: Buffer): Buffer {
  let result = Buffer.from(bytes);
  for (let count = 1 + random.below(8); count > 0; count--) {
    const at = random.below(result.length);
    const kind = random.below(3);
    if (kind === 0) result[at] = random.below(256);
    else if (kind === 1) result = Buffer.concat([result.subarray(0, at), result.subarray(at + 1 + random.below(60))]);
    else result = Buffer.concat([result.subarray(0, at), random.bytes(1 + random.below(60)), result.subarray(at)]);
  }
  return result;
}
