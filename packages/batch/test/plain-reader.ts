/** A reader that uses nothing but docs/batch-format.md and decoded msgpack. */
import { describeAttachment, describeHeader, type VectorEntry } from './vectors.js';

interface PlainAttachment {
  readonly entry: number;
  readonly name: string;
  readonly size: bigint | number;
  readonly created: string | null;
  readonly modified: string | null;
  readonly messages: Iterable<bigint | number>;
  readonly data: Uint8Array;
}

/** What all elements say. */
interface PlainElement {
  readonly type: string;
  /** Undefined in version 1. */
  readonly byteLength?: number;
  readonly source?: { readonly number: number };
  readonly header?: object;
  readonly offset: bigint;
  readonly bytes: number;
}

export interface PlainBatch extends PlainElement {
  readonly items: number;
  readonly skippedBytes: number;
  readonly entries: readonly VectorEntry[];
}

export interface PlainRecord extends PlainElement {
  readonly fields: object;
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
const VARYING = 4_294_967_295;
const NO_TIME = -9_223_372_036_854_775_808n;
const KIND_NAMES: Readonly<Record<number, string>> = {
  0: 'skipped',
  1: 'line',
  2: 'columns',
  3: 'attachment',
  4: 'line and attachment',
  5: 'columns and attachment',
  10: 'joined columns',
  13: 'joined columns and attachment',
};
const TYPES = ['batch', 'gap', 'restart', 'source'];

export function readPlain(elements: readonly unknown[]): PlainBatch | PlainRecord {
  return elements[0] === 1 ? readVersion1(elements) : readVersion2(elements);
}

function readVersion1(elements: readonly unknown[]): PlainBatch | PlainRecord {
  if (elements.length === 3) {
    const { type, offset, length, ...fields } = elements[2] as { type: string; offset: number; length: number };
    return { type, offset: BigInt(offset), bytes: length, fields };
  }
  if (elements.length !== 22) throw new Error('no batch of version 1');
  const [, flags, , items, offset, bytes, skippedBytes, perEntry] = elements as number[];
  const table = (index: number) => elements[index] as Uint8Array;
  const tables = { kinds: table(9), consumed: table(11), counts: table(13), times: new Uint8Array(0) };
  const text = { bytes: table(21), ends: u32(table(15)), unitEnds: u32(table(17)), isAscii: flags === 1 };
  return {
    type: 'batch',
    offset: BigInt(offset as number),
    bytes: Number(bytes),
    items: Number(items),
    skippedBytes: Number(skippedBytes),
    entries: readEntries(tables, text, perEntry as number, elements[19] as PlainAttachment[]),
  };
}

function readVersion2(elements: readonly unknown[]): PlainBatch | PlainRecord {
  const [version, type, flags, byteLength, , number, offset, bytes, , items, skippedBytes, perEntry] =
    elements as number[];
  if (version !== 2 || elements.length !== (type === 0 ? 32 : 18)) throw new Error('no element of version 2');
  const sources = elements[15] as { number: number }[];
  const about = {
    type: TYPES[type as number] as string,
    byteLength: Number(byteLength),
    source: sources.find((source) => source.number === number) ?? { number: number as number },
    header: describeHeader(elements[13] as Record<string, unknown>),
    offset: BigInt(offset as number),
    bytes: Number(bytes),
  };
  if (type !== 0) return { ...about, fields: elements[17] as object };
  const table = (index: number) => elements[index] as Uint8Array;
  const tables = { kinds: table(17), consumed: table(19), counts: table(21), times: table(23) };
  const text = { bytes: table(31), ends: u32(table(25)), unitEnds: u32(table(27)), isAscii: flags === 1 };
  return {
    ...about,
    items: Number(items),
    skippedBytes: Number(skippedBytes),
    entries: readEntries(tables, text, perEntry as number, elements[29] as PlainAttachment[]),
  };
}

interface PlainText {
  readonly bytes: Uint8Array;
  readonly ends: number[];
  readonly unitEnds: number[];
  readonly isAscii: boolean;
}

function readEntries(
  { kinds, consumed, counts, times }: Record<'kinds' | 'consumed' | 'counts' | 'times', Uint8Array>,
  text: PlainText,
  perEntry: number,
  attachments: readonly PlainAttachment[],
): VectorEntry[] {
  const strings = readStrings(text);
  const used = u32(consumed);
  const first = firstStrings(kinds.length, perEntry, u32(counts));
  const attachmentOf = byEntry(attachments);
  const timeOf = byRow(times);
  return Array.from(kinds, (kind, entry) => ({
    kind: KIND_NAMES[kind] as string,
    consumed: used[entry] as number,
    strings: strings.slice(first[entry], first[entry + 1]),
    ...timeOf(entry),
    ...attachmentOf(entry),
  }));
}

function u32(table: Uint8Array): number[] {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  return Array.from({ length: table.byteLength / 4 }, (_, i) => view.getUint32(i * 4, true));
}

/** Reads the strings in both of the ways that the definition gives, and wants them to agree. */
function readStrings(text: PlainText): string[] {
  const units = text.isAscii ? text.ends : text.unitEnds;
  const whole = UTF8.decode(text.bytes);
  return text.ends.map((end, s) => {
    const decoded = UTF8.decode(text.bytes.subarray(text.ends[s - 1] ?? 0, end));
    if (whole.slice(units[s - 1] ?? 0, units[s]) !== decoded) throw new Error(`string ${s} differs`);
    return decoded;
  });
}

/** Number of the first string of each entry, and how many strings there are. */
function firstStrings(entries: number, perEntry: number, counts: readonly number[]): number[] {
  return Array.from({ length: entries + 1 }, (_, entry) =>
    perEntry === VARYING ? (counts[entry - 1] ?? 0) : entry * perEntry,
  );
}

function byRow(times: Uint8Array): (entry: number) => Pick<VectorEntry, 'time'> {
  const view = new DataView(times.buffer, times.byteOffset, times.byteLength);
  return (entry) => {
    const time = times.byteLength === 0 ? NO_TIME : view.getBigInt64(entry * 8, true);
    return time === NO_TIME ? {} : { time: String(time) };
  };
}

function byEntry(attachments: readonly PlainAttachment[]): (entry: number) => Pick<VectorEntry, 'attachment'> {
  const found = new Map(attachments.map((attachment) => [attachment.entry, describeAttachment(attachment)]));
  return (entry) => {
    const attachment = found.get(entry);
    return attachment === undefined ? {} : { attachment };
  };
}
