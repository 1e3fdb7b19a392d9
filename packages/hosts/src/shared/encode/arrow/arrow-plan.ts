/**
 * Which columns Arrow output has. What only the data can tell (whether items have times, and which columns have few values) the first batch
 * decides for the whole output: the worker that has it notes that in memory that all workers of the output share.
 */

/** The stream and the file of Arrow's IPC format. */
export const ARROW_FORMATS = ['arrow', 'arrow-file'] as const;
/** Arrow's IPC format: `arrow` is the stream, `arrow-file` the file. */
export type ArrowFormat = (typeof ARROW_FORMATS)[number];

export interface ArrowColumn {
  readonly kind: 'source' | 'offset' | 'length' | 'time' | 'text' | 'attachments';
  readonly name: string;
  /** Of `text`: number of the string, from 0, and whether all strings behind it follow, U+0004 between them. */
  readonly string: number;
  readonly withRest: boolean;
  /**
   * What the first batch decides: of `time` whether it is there, of `text` whether it is written with a dictionary. `undecided` columns have a bit of
   * their own (`ArrowTraits`).
   */
  readonly trait: 'undecided' | 'yes' | 'no';
}

/** What a worker needs to know. Can be sent to it. */
export interface ArrowPlan {
  readonly columns: readonly ArrowColumn[];
  /** Rows in a record batch, at most. */
  readonly batchRows: number;
  /** Whether items that have no text are left out. */
  readonly needsText: boolean;
  /** Bytes of the source's name, which is the program of the plan. */
  readonly sourceBytes: number;
  /** See `ArrowTraits`. */
  readonly traits: SharedArrayBuffer;
}

/** A column of the schema. */
export interface SchemaColumn extends ArrowColumn {
  /** Number of its dictionary; undefined when it has none. */
  readonly dictionary: number | undefined;
}

const DECIDED = 1n << 63n;
const MOST_UNDECIDED = 62;

/** What the first batch decides: a bit for each column that is undecided, and one that says that it is decided. */
export class ArrowTraits {
  readonly #cell: BigInt64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#cell = new BigInt64Array(memory);
  }

  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
  }

  /** Undefined before the first batch. */
  get decided(): bigint | undefined {
    const value = BigInt.asUintN(64, Atomics.load(this.#cell, 0));
    return value === 0n ? undefined : value;
  }

  /** @returns what is decided: `proposed`, unless another worker was first */
  decide(proposed: bigint): bigint {
    Atomics.compareExchange(this.#cell, 0, 0n, BigInt.asIntN(64, proposed | DECIDED));
    return this.decided as bigint;
  }
}

/** The bit of a column, by its place. */
export function traitBit(index: number): bigint {
  return 1n << BigInt(index);
}

export function schemaColumns(columns: readonly ArrowColumn[], traits: bigint): readonly SchemaColumn[] {
  return columns.flatMap((column, index): SchemaColumn[] => {
    const { kind, trait } = column;
    const holds = trait === 'undecided' ? (traits & traitBit(index)) !== 0n : trait === 'yes';
    if (kind === 'time') return holds ? [{ ...column, dictionary: undefined }] : [];
    return [{ ...column, dictionary: holds ? index : undefined }];
  });
}

/** See `EncodingOptions`. */
export interface ArrowColumnOptions {
  readonly source?: string | undefined;
  readonly fields?: readonly ('source' | 'offset' | 'length' | 'time' | 'text' | 'attachment')[] | undefined;
  readonly dictionaries?: boolean | undefined;
}

/**
 * @param captions of the columns that the parser names
 * @param chosen numbers of the columns that are written, from 0; undefined: all
 * @param givesTimes whether there are times; undefined: the first batch tells
 */
export function arrowColumns(
  format: ArrowFormat,
  { source, fields, dictionaries = true }: ArrowColumnOptions,
  captions: readonly string[],
  chosen: readonly number[] | undefined,
  givesTimes: boolean | undefined,
): readonly ArrowColumn[] {
  // In a file a dictionary cannot be replaced.
  const times = givesTimes === undefined ? 'undecided' : givesTimes ? 'yes' : 'no';
  const mayRepeat = dictionaries && format === 'arrow';
  const inOrder = fields ?? [
    ...(source === undefined ? [] : (['source'] as const)),
    ...(['offset', 'length', 'time', 'text', 'attachment'] as const),
  ];
  const names = captions.length === 0 ? ['text'] : captions;
  const texts = chosen ?? names.map((_, index) => index);
  const plain = { string: 0, withRest: false, trait: 'no' } as const;
  const columns = inOrder.flatMap((field): ArrowColumn[] => {
    switch (field) {
      case 'source':
        return [{ ...plain, kind: field, name: field, trait: mayRepeat ? 'yes' : 'no' }];
      case 'time':
        return [{ ...plain, kind: field, name: field, trait: fields === undefined ? times : 'yes' }];
      case 'text':
        return texts.map((string) => {
          // An item may have more columns than the parser names: the last one has the rest of them.
          const withRest = string === names.length - 1;
          const name = names[string] || `#${string + 1}`;
          return { kind: 'text', name, string, withRest, trait: mayRepeat && !withRest ? 'undecided' : 'no' };
        });
      case 'attachment':
        return [{ ...plain, kind: 'attachments', name: 'attachments' }];
      default:
        return [{ ...plain, kind: field, name: field }];
    }
  });
  return withDistinctNames(columns).map((column, index) =>
    index >= MOST_UNDECIDED && column.kind === 'text' ? { ...column, trait: 'no' } : column,
  );
}

/** Data tools do not tell captions apart by case. */
function withDistinctNames(columns: readonly ArrowColumn[]): readonly ArrowColumn[] {
  const taken = new Set<string>();
  return columns.map((column) => {
    let name = column.name;
    for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${column.name}_${number}`;
    taken.add(name.toLowerCase());
    return { ...column, name };
  });
}
