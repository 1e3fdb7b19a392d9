/** What stands around the record batches of an Arrow stream or file: the schema, the end, and in a file where everything is. */
import { HostError } from '@chipmunk-host/runtime/internal/shared';
import { FILE_BEGIN, fileFooter, STREAM_END, schemaMessage } from './arrow-messages.js';
import { type ArrowColumn, type ArrowFormat, ArrowTraits, type SchemaColumn, schemaColumns } from './arrow-plan.js';
import { MessageScanner } from './message-scanner.js';

const NOTHING = new Uint8Array(0);

/** What frames the record batches, and whether there are times. */
export interface ArrowFrame {
  readonly sink: ArrowSink;
  /** Undefined: the first batch tells. */
  readonly givesTimes: boolean | undefined;
}

export class ArrowSink {
  /** What the first batch decides. */
  readonly traits: SharedArrayBuffer = ArrowTraits.memory();
  readonly #format: ArrowFormat;
  #columns: readonly ArrowColumn[] | undefined;
  #schema: readonly SchemaColumn[] | undefined;
  /** Of a file. */
  #scanner: MessageScanner | undefined;
  #end: Uint8Array | undefined;

  constructor(format: ArrowFormat) {
    this.#format = format;
  }

  /**
   * Says what is going to be written.
   * @throws HostError `ERR_INVALID_OPTION` when other columns were written before, or another format is meant; `ERR_CLOSED` behind its end
   */
  use(format: ArrowFormat, columns: readonly ArrowColumn[]): void {
    if (this.#end !== undefined)
      throw new HostError('ERR_CLOSED', 'The Arrow output has ended: nothing can be written behind its end.');
    if (format !== this.#format)
      throw new HostError(
        'ERR_INVALID_OPTION',
        `The option output is for ${this.#format}; expected one for ${format}.`,
      );
    this.#columns ??= columns;
    if (JSON.stringify(columns) === JSON.stringify(this.#columns)) return;
    const names = (of: readonly ArrowColumn[]) => of.map(({ name }) => name).join(', ');
    throw new HostError(
      'ERR_INVALID_OPTION',
      `The option output has the columns ${names(this.#columns)}; expected those of this session: ${names(columns)}.`,
      { help: 'Write items with other columns to an output of their own.' },
    );
  }

  /** Takes note of bytes of record batches. @returns what is to be written before them: the schema, or nothing */
  before(bytes: Uint8Array): Uint8Array {
    if (bytes.length === 0) return NOTHING;
    const start = this.#begin();
    this.#scanner?.add(bytes);
    return start;
  }

  /** See `ArrowOutput`. */
  end(): Uint8Array {
    this.#end ??= this.#columns === undefined ? NOTHING : this.#ending();
    return this.#end;
  }

  #ending(): Uint8Array {
    const start = this.#begin();
    const footer = this.#scanner === undefined ? NOTHING : fileFooter(this.#schema ?? [], this.#scanner.blocks);
    return joined(start, STREAM_END, footer);
  }

  /** The schema, when it is not written yet. */
  #begin(): Uint8Array {
    if (this.#schema !== undefined) return NOTHING;
    this.#schema = schemaColumns(this.#columns ?? [], new ArrowTraits(this.traits).decided ?? 0n);
    const message = schemaMessage(this.#schema);
    if (this.#format === 'arrow') return message;
    const bytes = joined(FILE_BEGIN, message);
    this.#scanner = new MessageScanner(bytes.length);
    return bytes;
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
