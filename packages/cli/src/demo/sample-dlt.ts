/** DLT messages as a car's ECUs write them, of an exact size and the same in every run. */
import { type KeptFile, keptFile } from './kept-file.js';
import { type Random, seededRandom } from './seeded-random.js';

const BLOCK_BYTES = 1024 * 1024;
/** Longer than any message but the last one, which is as long as the rest. */
const LAST_MESSAGE_BYTES = 512;
const SEED = 20_240_319;
const STARTED_AT_SECONDS = Date.UTC(2024, 2, 18, 6, 0, 0) / 1000;

const STORAGE_HEADER_BYTES = 16;
const HEADER_BYTES = 22;
/** The type of the text and its length. */
const TEXT_HEAD_BYTES = 6;
/** The type of a number, and its four bytes. */
const NUMBER_BYTES = 8;

const APPLICATIONS = ['NAVI', 'CAM1', 'DIAG', 'HMI', 'TUN'];
const CONTEXTS = ['MAIN', 'CAN', 'GPS', 'NET'];
/** Verbose log messages: mostly info and debug. */
const TYPES = [0x41, 0x41, 0x51, 0x51, 0x61, 0x31, 0x21];
const TEXTS = [
  'door front left unlocked, request of the remote key accepted',
  'route calculated, distance and time follow',
  'frame received from peer with counter and length',
  'value out of range, the last one that was known is used',
  'satellites in view, and the age of the fix in ms',
];

/** The file at `path`; one of another size is replaced. */
export function sampleDlt(path: string, bytes: number, signal: AbortSignal): Promise<KeptFile> {
  return keptFile(path, bytes, dltBlocks(bytes), signal);
}

/** The messages in blocks. A block is overwritten when the next one is asked for. */
export function* dltBlocks(bytes: number): Generator<Buffer, void, undefined> {
  const random = seededRandom(SEED);
  const block = Buffer.alloc(BLOCK_BYTES);
  let filled = 0;
  let micros = 0;
  let left = bytes;
  for (let number = 0; left > 0; number++) {
    if (filled + 2 * LAST_MESSAGE_BYTES > BLOCK_BYTES) {
      yield block.subarray(0, filled);
      filled = 0;
    }
    const numbers = Math.floor(random() * 4);
    const text = TEXTS[Math.floor(random() * TEXTS.length)] ?? '';
    const usual = STORAGE_HEADER_BYTES + HEADER_BYTES + TEXT_HEAD_BYTES + text.length + 1 + numbers * NUMBER_BYTES;
    const length = left < 2 * LAST_MESSAGE_BYTES ? left : usual;
    micros += Math.floor(random() * 400);
    writeMessage(block.subarray(filled, filled + length), { number, micros, numbers, text, random });
    filled += length;
    left -= length;
  }
  yield block.subarray(0, filled);
}

interface Content {
  readonly number: number;
  readonly micros: number;
  /** How many numbers follow the text. */
  readonly numbers: number;
  readonly text: string;
  readonly random: Random;
}

function writeMessage(message: Buffer, { number, micros, numbers, text, random }: Content): void {
  const pick = <Value>(values: readonly Value[]) => values[Math.floor(random() * values.length)] as Value;
  message.write('DLT\x01', 'latin1');
  message.writeUInt32LE(STARTED_AT_SECONDS + Math.floor(micros / 1_000_000), 4);
  message.writeUInt32LE(micros % 1_000_000, 8);
  message.write('ECU1', 12);
  const standard = message.subarray(STORAGE_HEADER_BYTES);
  standard[0] = 0x35;
  standard[1] = number & 255;
  standard.writeUInt16BE(standard.length, 2);
  standard.write('ECU1', 4);
  standard.writeUInt32BE(Math.floor(micros / 100), 8);
  standard[12] = pick(TYPES);
  standard[13] = 1 + numbers;
  standard.write(pick(APPLICATIONS).padEnd(4, '\0'), 14, 'latin1');
  standard.write(pick(CONTEXTS).padEnd(4, '\0'), 18, 'latin1');
  const payload = standard.subarray(HEADER_BYTES);
  const textBytes = payload.length - TEXT_HEAD_BYTES - numbers * NUMBER_BYTES;
  payload.writeUInt32LE(0x8200, 0);
  payload.writeUInt16LE(textBytes, 4);
  payload.write(`${text.padEnd(textBytes - 1, '.')}\0`, TEXT_HEAD_BYTES, 'latin1');
  for (let i = 0; i < numbers; i++) {
    const argument = TEXT_HEAD_BYTES + textBytes + i * NUMBER_BYTES;
    payload.writeUInt32LE(0x43, argument);
    payload.writeUInt32LE(Math.floor(random() * 100_000), argument + 4);
  }
}
