// Writes DLT messages of protocol version 1 with every feature, and says what row each one should give.

import { fixedPointText, floatText, hexList, singleText, textOf } from './expected-text.js';
import { bytes, f32, f64, type Random, u16, u32, u64, u128 } from './random-bytes.js';
import { SERVICES } from './services.js';

export type Framing = 'storage' | 'serial' | 'both' | 'bare';

/** One message with the columns of its row. */
export interface Generated {
  readonly bytes: Buffer;
  readonly columns: readonly string[];
  /** Bytes in front of HTYP. */
  readonly headerBytes: number;
  readonly isVerbose: boolean;
}

export interface Choices {
  readonly framings: readonly Framing[];
  /** Messages that can be found without any header, and none that a filter or a resynchronisation would see otherwise. */
  readonly plain?: boolean;
}

interface Part {
  readonly data: Buffer;
  readonly text: string;
}

const LEVELS = ['INVALID', 'FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG', 'VERBOSE'];
const TRACES = ['INVALID', 'VARIABLE', 'FUNCTION_IN', 'FUNCTION_OUT', 'STATE', 'VFB'];
const NETWORKS = ['INVALID', 'IPC', 'CAN', 'FLEXRAY', 'MOST', 'ETHERNET', 'SOMEIP'];
const OPAQUE_NETWORKS = ['Invalid', 'Ipc', 'Can', 'Flexray', 'Most', 'Ethernet', 'Someip'];

export function generateMessage(random: Random, { framings, plain = false }: Choices): Generated {
  const framing = random.pick(framings);
  const isBare = framing === 'bare';
  const bigEndian = random.chance(0.5);
  const hasExtended = isBare || plain || random.chance(0.85);
  const hasEcu = isBare || random.chance(0.6);
  const session = random.chance(0.4) ? random.u32() : undefined;
  const time = random.chance(0.7) ? random.u32() : undefined;
  const ecu = idOf(random, plain || isBare);
  const application = idOf(random, plain || isBare);
  const context = idOf(random, plain || isBare);
  const counter = random.below(256);
  // A message that has to be found without a header has none of the reserved types.
  const kind = random.below(isBare || plain ? 4 : random.chance(0.05) ? 8 : 4);
  const info = isBare ? 1 + random.below(kind === 3 ? 2 : 5) : random.below(16);
  const isVerbose = hasExtended && random.chance(0.7);
  const msin = (info << 4) | (kind << 1) | (isVerbose ? 1 : 0);

  const args = isVerbose ? random.list(0, 5, () => argument(random, bigEndian, kind === 2)) : [];
  const payload = isVerbose
    ? { data: Buffer.concat(args.map(({ data }) => data)), text: args.map(({ text }) => `\x05${text}`).join('') }
    : opaquePayload(random, bigEndian, hasExtended ? kind : 0, info);

  const standard = Buffer.concat([
    ...(hasEcu ? [ecu.data] : []),
    ...(session === undefined ? [] : [u32(session, true)]),
    ...(time === undefined ? [] : [u32(time, true)]),
    ...(hasExtended
      ? [Buffer.from([msin, isVerbose ? args.length : random.below(3)]), application.data, context.data]
      : []),
  ]);
  const htyp =
    0x20 |
    flag(hasExtended, 1) |
    flag(bigEndian, 2) |
    flag(hasEcu, 4) |
    flag(session !== undefined, 8) |
    flag(time !== undefined, 16);
  const message = Buffer.concat([
    Buffer.from([htyp, counter]),
    u16(4 + standard.length + payload.data.length, true),
    standard,
    payload.data,
  ]);

  const storage = storageHeader(random, plain);
  const serial = Buffer.from('DLS\x01');
  const hasStorage = framing === 'storage' || framing === 'both';
  const headers = [
    ...(hasStorage ? [storage.data] : []),
    ...(framing === 'serial' || framing === 'both' ? [serial] : []),
  ];
  const header = Buffer.concat(headers);
  return {
    bytes: Buffer.concat([header, message]),
    headerBytes: header.length,
    isVerbose,
    columns: [
      hasStorage ? storage.time : '',
      hasStorage ? storage.ecu : hasEcu ? ecu.text : 'ECU',
      '1',
      session === undefined ? '' : String(session),
      String(counter),
      time === undefined ? '' : String(time),
      hasEcu ? ecu.text : '',
      ...(hasExtended ? [application.text, context.text, typeText(kind, info)] : ['-', '-', '-']),
      payload.text,
    ],
  };
}

function typeText(kind: number, info: number): string {
  if (kind === 0) return `LogLevel ${LEVELS[info] ?? 'INVALID'}`;
  if (kind === 1) return `${TRACES[info] ?? 'INVALID'} `;
  if (kind === 2) return NETWORKS[info] ?? 'USER_DEFINED';
  if (kind === 3) return `MSG_TYPE Ctrl(${['', 'request', 'response'][info] || 'unknown'})`;
  return `Unknown message type (${kind},${info})`;
}

function opaquePayload(random: Random, bigEndian: boolean, kind: number, info: number): Part {
  const data = random.bytes(random.below(30));
  if (kind === 3) {
    const id = random.pick([...SERVICES.keys(), 0xfff, 0x12345678, 0x24, 0xf05]);
    const name = SERVICES.get(id) ?? (id >= 0xfff ? 'injection' : 'Unknown CtrlCommand');
    return { data: Buffer.concat([u32(id, bigEndian), data]), text: `[${name}]` };
  }
  const id = random.u32();
  const shown = kind === 2 ? (OPAQUE_NETWORKS[info] ?? 'unknown network trace') : hexList(data);
  return { data: Buffer.concat([u32(id, bigEndian), data]), text: `\x05[${id}]\x05 ${shown}` };
}

function argument(random: Random, bigEndian: boolean, isNetwork: boolean): Part {
  const kind = random.pick(['bool', 'signed', 'unsigned', 'fixed', 'float', 'text', 'raw', 'text', 'signed'] as const);
  const hasName = random.chance(0.3);
  const name = hasName ? nameOf(random) : undefined;
  const unit = hasName ? nameOf(random) : undefined;
  const named = hasName ? 0x800 : 0;
  const [nameData, unitData] = [name?.data ?? Buffer.alloc(0), unit?.data ?? Buffer.alloc(0)];
  const short = hasName ? Buffer.concat([u16(nameData.length, bigEndian), nameData]) : Buffer.alloc(0);
  const long = hasName
    ? Buffer.concat([u16(nameData.length, bigEndian), u16(unitData.length, bigEndian), nameData, unitData])
    : Buffer.alloc(0);
  const shortText = name?.text ?? '';
  const longText = shortText + (unit?.text ?? '');
  const part = (info: number, data: Buffer[], text: string): Part => ({
    data: bytes(u32(info | named, bigEndian), ...data),
    text,
  });

  if (kind === 'bool') {
    const value = random.pick([0, 1, 255]);
    return part(0x10 | random.below(2), [short, Buffer.from([value])], `${shortText}${value}`);
  }
  if (kind === 'raw') {
    const data = random.bytes(random.below(40));
    return part(0x400, [u16(data.length, bigEndian), short, data], `${isNetwork ? '' : shortText}${hexList(data)}`);
  }
  if (kind === 'text') {
    const isUtf8 = random.chance(0.5);
    const data = random.text();
    const info = 0x200 | (isUtf8 ? 0x8000 : 0);
    return part(info, [u16(data.length, bigEndian), short, data], `${shortText}${textOf(data, isUtf8)}`);
  }
  if (kind === 'float') {
    if (random.chance(0.5)) {
      const value = random.f32();
      return part(0x83, [long, f32(value, bigEndian)], `${longText}${singleText(value)}`);
    }
    const value = random.f64();
    return part(0x84, [long, f64(value, bigEndian)], `${longText}${floatText(value)}`);
  }
  const width = 1 + random.below(5);
  const signed = kind === 'signed' || (kind === 'fixed' && random.chance(0.5));
  const info = width | (signed ? 0x20 : 0x40) | random.pick([0, 0x10000, 0x18000]);
  const raw = random.integer(1 << (width - 1));
  const value = signed ? BigInt.asIntN(8 << (width - 1), raw) : raw;
  const data = integerData(raw, width, bigEndian);
  if (kind !== 'fixed' || width === 5) return part(info, [long, data], `${longText}${value}`);
  const quantisation = Math.fround(random.pick([1, 0.5, -2, 0.01, 1000]));
  const offset = random.pick([0n, -50n, 12345n]);
  const offsetData =
    width <= 3 ? u32(Number(BigInt.asUintN(32, offset)), bigEndian) : u64(BigInt.asUintN(64, offset), bigEndian);
  return part(
    info | 0x1000,
    [long, f32(quantisation, bigEndian), offsetData, data],
    `${longText}${fixedPointText(value, quantisation, offset)}`,
  );
}

function integerData(value: bigint, width: number, bigEndian: boolean): Buffer {
  if (width === 1) return Buffer.from([Number(value)]);
  if (width === 2) return u16(Number(value), bigEndian);
  if (width === 3) return u32(Number(value), bigEndian);
  return width === 4 ? u64(value, bigEndian) : u128(value, bigEndian);
}

function nameOf(random: Random): Part {
  const text = random.pick(['', 'speed', 'Größe', 'a\nb', 'x']);
  const end = random.pick(['\0', '', '\0rest']);
  return { data: Buffer.from(text + end), text };
}

function idOf(random: Random, plain: boolean): Part {
  const text = random.pick(plain ? ['ECU1', 'AP', 'X'] : ['ECU1', 'AP', 'X', '', 'ü1', 'a\x04b']);
  return { data: Buffer.concat([Buffer.from(text), Buffer.alloc(4)]).subarray(0, 4), text };
}

function storageHeader(random: Random, plain: boolean): { data: Buffer; time: string; ecu: string } {
  const seconds = random.chance(0.1) ? random.u32() : 1_700_000_000 + random.below(100);
  const isOdd = !plain && random.chance(0.03);
  const micros = isOdd ? random.pick([1_000_000, 1_999_999, 4_000_000_000]) : random.below(1_000_000);
  const ecu = idOf(random, plain);
  return {
    data: Buffer.concat([Buffer.from('DLT\x01'), u32(seconds, false), u32(micros, false), ecu.data]),
    time: timeText(seconds, micros),
    ecu: ecu.text,
  };
}

function timeText(seconds: number, micros: number): string {
  const time = new Date(seconds * 1000).toISOString().slice(0, 19);
  const fraction = (value: number) => `.${String(value).padStart(6, '0')}000Z`;
  if (micros < 1_000_000) return time + fraction(micros);
  if (seconds % 60 === 59 && micros < 2_000_000) return `${time.slice(0, 17)}60${fraction(micros - 1_000_000)}`;
  return `no valid timestamp for ${seconds}s/${micros}us`;
}

function flag(isSet: boolean, bit: number): number {
  return isSet ? bit : 0;
}
