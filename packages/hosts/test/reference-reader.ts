/**
 * The slow and obvious reader that every other way is held against: it follows the canonical ABI step by step and knows
 * nothing of batches. It says which items come first, and whether a breach of contract ends them.
 */

export interface ReferenceAttachment {
  readonly name: string;
  readonly size: bigint;
  readonly created: string | undefined;
  readonly modified: string | undefined;
  readonly messages: bigint[];
  readonly data: number[];
}

export interface ReferenceItem {
  readonly kind: number;
  readonly offset: number;
  readonly length: number;
  readonly columns: string[];
  /** Whether the columns came joined into a line. */
  readonly wasJoined: boolean;
  readonly attachment: ReferenceAttachment | undefined;
}

export interface ReferenceResult {
  /** Undefined when the result is an error of `parse`. */
  readonly items: ReferenceItem[];
  readonly skippedBytes: number;
  readonly consumed: number;
  readonly error: { readonly kind: string; readonly message?: string } | undefined;
  /** Whether the result, or an item behind those above, breaks the contract. */
  readonly breach: boolean;
}

class Breach extends Error {}

/** @param mostColumns into how many columns lines are split at U+0004 at most; 0: into none */
export function readReference(
  memory: ArrayBufferLike,
  retptr: number,
  given: number,
  mostColumns = 0,
): ReferenceResult {
  const reader = new Reader(memory, mostColumns);
  const items: ReferenceItem[] = [];
  let consumed = 0;
  let skippedBytes = 0;
  try {
    const [list, count, error] = reader.result(retptr);
    if (error !== undefined) return { items, skippedBytes, consumed, error, breach: false };
    for (let i = 0; i < count; i++) {
      const record = list + i * 96;
      const used = reader.u64(record + 88);
      if (BigInt(consumed) + used > BigInt(given)) throw new Breach();
      const item = reader.item(record, consumed, Number(used));
      if (item === undefined) skippedBytes += Number(used);
      else items.push(item);
      consumed += Number(used);
    }
    return { items, skippedBytes, consumed, error: undefined, breach: false };
  } catch (error) {
    if (!(error instanceof Breach)) throw error;
    return { items, skippedBytes, consumed, error: undefined, breach: true };
  }
}

class Reader {
  readonly #view: DataView;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  readonly #mostColumns: number;

  constructor(memory: ArrayBufferLike, mostColumns: number) {
    this.#view = new DataView(memory);
    this.#mostColumns = mostColumns;
  }

  result(at: number): [list: number, count: number, error?: { kind: string; message?: string }] {
    this.#range(at, 16, 4);
    const resultCase = this.#case(at, 2);
    if (resultCase === 0) {
      const list = this.#u32(at + 4);
      const count = this.#u32(at + 8);
      this.#range(list, count * 96, 8);
      return [list, count];
    }
    const kind = ['unrecoverable', 'parse', 'incomplete', 'eof'][this.#case(at + 4, 4)] as string;
    const hasMessage = kind === 'parse' || kind === 'unrecoverable';
    return [0, 0, hasMessage ? { kind, message: this.#string(at + 8) } : { kind }];
  }

  item(at: number, offset: number, length: number): ReferenceItem | undefined {
    if (this.#case(at, 2) === 0) return undefined;
    switch (this.#case(at + 8, 3)) {
      case 0: {
        const message = this.#message(at + 16);
        return { ...message, offset, length, attachment: undefined };
      }
      case 1:
        return { kind: 3, columns: [], wasJoined: false, offset, length, attachment: this.#attachment(at + 16) };
      default: {
        const { kind, ...message } = this.#message(at + 16);
        return { kind: kind + 3, ...message, offset, length, attachment: this.#attachment(at + 32) };
      }
    }
  }

  u64(at: number): bigint {
    return this.#view.getBigUint64(at, true);
  }

  #message(at: number): Pick<ReferenceItem, 'kind' | 'columns' | 'wasJoined'> {
    if (this.#case(at, 2) === 0) return this.#line(this.#string(at + 4));
    const columns: string[] = [];
    const [start, count] = this.#list(at + 4, 8, 4);
    for (let c = 0; c < count; c++) columns.push(this.#string(start + c * 8));
    return { kind: 2, columns, wasJoined: false };
  }

  #line(line: string): Pick<ReferenceItem, 'kind' | 'columns' | 'wasJoined'> {
    const parts = line.split('\u0004');
    if (this.#mostColumns < 2 || parts.length === 1) return { kind: 1, columns: [line], wasJoined: false };
    const rest = parts.splice(this.#mostColumns - 1);
    return { kind: 2, columns: rest.length === 0 ? parts : [...parts, rest.join('\u0004')], wasJoined: true };
  }

  #attachment(at: number): ReferenceAttachment {
    const name = this.#string(at);
    const size = this.u64(at + 8);
    const created = this.#case(at + 16, 2) === 1 ? this.#string(at + 20) : undefined;
    const modified = this.#case(at + 28, 2) === 1 ? this.#string(at + 32) : undefined;
    const [first, count] = this.#list(at + 40, 8, 8);
    const messages = Array.from({ length: count }, (_, i) => this.u64(first + i * 8));
    const [start, bytes] = this.#list(at + 48, 1, 1);
    const data = Array.from({ length: bytes }, (_, i) => this.#view.getUint8(start + i));
    return { name, size, created, modified, messages, data };
  }

  #string(at: number): string {
    const [start, bytes] = this.#list(at, 1, 1);
    try {
      return this.#decoder.decode(new Uint8Array(this.#view.buffer, start, bytes));
    } catch {
      throw new Breach();
    }
  }

  #list(at: number, elementBytes: number, alignment: number): [start: number, count: number] {
    const start = this.#u32(at);
    const count = this.#u32(at + 4);
    this.#range(start, count * elementBytes, alignment);
    return [start, count];
  }

  #case(at: number, cases: number): number {
    const found = this.#view.getUint8(at);
    if (found >= cases) throw new Breach();
    return found;
  }

  #range(start: number, bytes: number, alignment: number): void {
    if (start % alignment !== 0 || start + bytes > this.#view.byteLength) throw new Breach();
  }

  #u32(at: number): number {
    return this.#view.getUint32(at, true);
  }
}
