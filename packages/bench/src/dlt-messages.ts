/** DLT messages to measure with: 100 to 140 bytes and 1 to 4 arguments each, the same in every run. */

const WORDS =
  'engine started the speed sensor value is out of range connection to gateway lost retry in progress door unlocked'.split(
    ' ',
  );
const APPLICATIONS = ['NAVI', 'HMI', 'DIAG', 'CAM1', 'SYS'];
const CONTEXTS = ['MAIN', 'COM', 'GPS', 'CTRL'];
/** Verbose log messages: info twice, warn, debug, verbose. */
const TYPES = [0x41, 0x41, 0x31, 0x51, 0x61];

const LEAST_BYTES = 100;
const MOST_BYTES = 140;
const STORAGE_HEADER_BYTES = 16;
const TEXT = 0x8200;
const UNSIGNED = 0x43;
const SIGNED = 0x23;
const NUMBER_BYTES = 8;

/** As many whole messages with storage headers as `bytes` bytes hold. */
export function dltMessages(bytes: number): Buffer {
  const random = randomNumbers(12345);
  const buffer = Buffer.alloc(bytes);
  let micros = 0;
  let at = 0;
  for (let number = 0; ; number++) {
    const length = LEAST_BYTES + random(MOST_BYTES - LEAST_BYTES + 1);
    if (at + length > bytes) return buffer.subarray(0, at);
    micros += random(400);
    writeMessage(buffer.subarray(at, at + length), number, micros, random);
    at += length;
  }
}

function writeMessage(message: Buffer, number: number, micros: number, random: (limit: number) => number): void {
  const pick = <Value>(values: readonly Value[]) => values[random(values.length)] as Value;
  const numbers = random(4);
  message.write('DLT\x01', 0, 'latin1');
  message.writeUInt32LE(1_700_000_000 + Math.floor(micros / 1_000_000), 4);
  message.writeUInt32LE(micros % 1_000_000, 8);
  message.write('ECU1', 12);
  const standard = message.subarray(STORAGE_HEADER_BYTES);
  standard[0] = 0x3d;
  standard[1] = number & 255;
  standard.writeUInt16BE(standard.length, 2);
  standard.write('ECU1', 4);
  standard.writeUInt32BE(1234, 8);
  standard.writeUInt32BE((number * 10) >>> 0, 12);
  standard[16] = pick(TYPES);
  standard[17] = 1 + numbers;
  standard.write(pick(APPLICATIONS), 18);
  standard.write(pick(CONTEXTS), 22);
  const payload = standard.subarray(26);
  const textBytes = payload.length - 6 - numbers * NUMBER_BYTES;
  payload.writeUInt32LE(TEXT, 0);
  payload.writeUInt16LE(textBytes, 4);
  let text = '';
  while (text.length < textBytes) text += `${pick(WORDS)} `;
  payload.write(`${text.slice(0, textBytes - 1)}\0`, 6, 'latin1');
  for (let i = 0; i < numbers; i++) {
    const argument = payload.subarray(6 + textBytes + i * NUMBER_BYTES);
    if (random(2) === 0) {
      argument.writeUInt32LE(UNSIGNED, 0);
      argument.writeUInt32LE(random(2 ** 32), 4);
    } else {
      argument.writeUInt32LE(SIGNED, 0);
      argument.writeInt32LE(random(20_000) - 10_000, 4);
    }
  }
}

/** Numbers below a limit, the same for the same seed. */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 2 ** 32) * limit);
  };
}
