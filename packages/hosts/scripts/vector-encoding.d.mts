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

export interface Vector {
  readonly about: string;
  readonly offset: string;
  readonly entries: readonly VectorEntry[];
}

export function encodeVector(vector: Vector): Uint8Array;
