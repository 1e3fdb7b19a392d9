/** A reader that uses nothing but docs/batch-format.md and decoded msgpack. */
import { describeAttachment, KIND_NAMES, type VectorEntry } from './vectors.js';

interface PlainAttachment {
  readonly entry: number;
  readonly name: string;
  readonly size: bigint | number;
  readonly created: string | null;
  readonly modified: string | null;
  readonly messages: Iterable<bigint | number>;
  readonly data: Uint8Array;
}

export interface PlainBatch {
  readonly offset: bigint;
  readonly bytes: number;
  readonly items: number;
  readonly skippedBytes: number;
  readonly entries: readonly VectorEntry[];
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
const VARYING = 4_294_967_295;

/** @param elements the 22 elements of a batch of version 1 */
export function readVersion1(elements: readonly unknown[]): PlainBatch {
  const [version, flags, , items, offset, bytes, skippedBytes, perEntry] = elements as number[];
  if (elements.length !== 22 || version !== 1) throw new Error('no batch of version 1');
  const table = (index: number) => elements[index] as Uint8Array;
  const text = { bytes: table(21), ends: u32(table(15)), unitEnds: u32(table(17)), isAscii: flags === 1 };
  const strings = readStrings(text);
  const kinds = [...table(9)];
  const consumed = u32(table(11));
  const first = firstStrings(kinds.length, perEntry as number, u32(table(13)));
  const attachments = byEntry(elements[19] as PlainAttachment[]);
  const entries = kinds.map((kind, entry) => ({
    kind: KIND_NAMES[kind] as string,
    consumed: consumed[entry] as number,
    strings: strings.slice(first[entry], first[entry + 1]),
    ...attachments(entry),
  }));
  return {
    offset: BigInt(offset as number),
    bytes: Number(bytes),
    items: Number(items),
    skippedBytes: Number(skippedBytes),
    entries,
  };
}

function u32(table: Uint8Array): number[] {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  return Array.from({ length: table.byteLength / 4 }, (_, i) => view.getUint32(i * 4, true));
}

/** Reads the strings in both of the ways that the definition gives, and wants them to agree. */
function readStrings(text: { bytes: Uint8Array; ends: number[]; unitEnds: number[]; isAscii: boolean }): string[] {
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

function byEntry(attachments: readonly PlainAttachment[]): (entry: number) => Pick<VectorEntry, 'attachment'> {
  const found = new Map(attachments.map((attachment) => [attachment.entry, describeAttachment(attachment)]));
  return (entry) => {
    const attachment = found.get(entry);
    return attachment === undefined ? {} : { attachment };
  };
}
