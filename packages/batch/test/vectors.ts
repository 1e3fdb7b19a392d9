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
  readonly attachment?: VectorAttachment;
}

export interface BatchVector {
  readonly about: string;
  /** Decimal. */
  readonly offset: string;
  readonly entries: readonly VectorEntry[];
}

/** A gap or a restart. */
export interface RecordVector {
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

export const KIND_NAMES = ['skipped', 'line', 'columns', 'attachment', 'line and attachment', 'columns and attachment'];

const vectors: Vector<BatchVector | RecordVector>[] = ['v1'].flatMap((version) => {
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

export function consumedBy(entries: readonly VectorEntry[]): number {
  return entries.reduce((total, { consumed }) => total + consumed, 0);
}
