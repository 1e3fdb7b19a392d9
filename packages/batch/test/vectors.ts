/** The test vectors: batches and records as bytes, each beside what a reader must make of it. */
import { readdirSync, readFileSync } from 'node:fs';

export interface VectorAttachment {
  readonly name: string;
  /** Decimal, since JSON's numbers end at 53 bits. */
  readonly size: string;
  readonly created: string | null;
  readonly modified: string | null;
  readonly messages: readonly string[];
  /** Hexadecimal. */
  readonly data: string;
}

export interface VectorEntry {
  readonly kind: string;
  readonly consumed: number;
  readonly strings: readonly string[];
  /** Nanoseconds since 1970, decimal. */
  readonly time?: string;
  readonly attachment?: VectorAttachment;
}

interface VectorOrigin {
  /** Missing where nothing is known of it. */
  readonly source?: { readonly number: number; readonly name: string };
  /** Bytes as `{ "hex": … }`, integers that JSON cannot hold as `{ "integer": … }`. */
  readonly header?: object;
}

export interface BatchVector extends VectorOrigin {
  readonly about: string;
  /** Decimal. */
  readonly offset: string;
  readonly entries: readonly VectorEntry[];
}

/** A gap or a restart. */
export interface RecordVector extends VectorOrigin {
  readonly about: string;
  readonly type: string;
  readonly offset: number;
  readonly length: number;
}

export interface Vector<Description> {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly description: Description;
}

/** Of the kinds that items have. */
export const KIND_NAMES = ['skipped', 'line', 'columns', 'attachment', 'line and attachment', 'columns and attachment'];

const vectors: Vector<BatchVector | RecordVector>[] = ['v1', 'v2'].flatMap((version) => {
  const folder = new URL(`./vectors/${version}/`, import.meta.url);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({
      name: `${version}/${file.replace('.json', '')}`,
      bytes: Uint8Array.from(readFileSync(new URL(file.replace('.json', '.msgpack'), folder))),
      description: JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as BatchVector | RecordVector,
    }));
});

export const batchVectors = vectors.filter((vector): vector is Vector<BatchVector> => 'entries' in vector.description);
export const recordVectors = vectors.filter((vector): vector is Vector<RecordVector> => 'type' in vector.description);

interface ReadAttachment {
  readonly name: string;
  readonly size: bigint | number;
  readonly created?: string | null | undefined;
  readonly modified?: string | null | undefined;
  readonly messages: Iterable<bigint | number>;
  readonly data: Uint8Array;
}

/** An attachment as the descriptions have it. */
export function describeAttachment({
  name,
  size,
  created,
  modified,
  messages,
  data,
}: ReadAttachment): VectorAttachment {
  return {
    name,
    size: String(size),
    created: created ?? null,
    modified: modified ?? null,
    messages: [...messages].map(String),
    data: Buffer.from(data).toString('hex'),
  };
}

/** A header as the descriptions have it. */
export function describeHeader(header: Readonly<Record<string, unknown>>): object {
  const described = (value: unknown) => {
    if (ArrayBuffer.isView(value)) return { hex: Buffer.from(value as Uint8Array).toString('hex') };
    return typeof value === 'bigint' ? describedInteger(value) : value;
  };
  return Object.fromEntries(Object.entries(header).map(([key, value]) => [key, described(value)]));
}

/** Some decoders make a bigint of each integer of 64 bits. */
function describedInteger(value: bigint): number | { integer: string } {
  return Number.isSafeInteger(Number(value)) ? Number(value) : { integer: String(value) };
}

export function consumedBy(entries: readonly VectorEntry[]): number {
  return entries.reduce((total, { consumed }) => total + consumed, 0);
}
