// Verbose log messages with a storage header, little-endian.
import { u16, u32 } from './random-bytes.js';

export interface LogMessage {
  readonly application: string;
  readonly context?: string;
  readonly ecu?: string;
  /** 1 (fatal) to 6 (verbose). Default: info. */
  readonly level?: number;
  /** Default: one text. */
  readonly args?: readonly Buffer[];
}

export function logMessage({
  application,
  context = 'CTX',
  ecu = 'ECU1',
  level = 4,
  args = [text('hello')],
}: LogMessage): Buffer {
  const payload = Buffer.concat(args);
  return Buffer.concat([
    Buffer.from('DLT\x01'),
    u32(1_700_000_000, false),
    u32(0, false),
    id(ecu),
    Buffer.from([0x25, 0]),
    u16(18 + payload.length, true),
    id(ecu),
    Buffer.from([(level << 4) | 1, args.length]),
    id(application),
    id(context),
    payload,
  ]);
}

export function text(value: string): Buffer {
  return Buffer.concat([u32(0x200, false), u16(Buffer.byteLength(value) + 1, false), Buffer.from(`${value}\0`)]);
}

export function number(value: number): Buffer {
  return Buffer.concat([u32(0x43, false), u32(value, false)]);
}

export function raw(data: Buffer): Buffer {
  return Buffer.concat([u32(0x400, false), u16(data.length, false), data]);
}

function id(value: string): Buffer {
  return Buffer.from(value.padEnd(4, '\0'), 'latin1');
}
