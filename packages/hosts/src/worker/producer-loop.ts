/**
 * The loop of a session: takes a slice of the input, has it parsed, publishes the items as batches, and keeps account of
 * every byte. Its rules are those of Chipmunk's producer (docs/plugin-contract.md), with these differences: a plugin can
 * tell the end of the input, a window grows for a long item instead of dropping bytes, and nothing is skipped unreported.
 */
import { PluginContractError, PluginUnrecoverableError, type RingWriter } from '@chipmunk-host/runtime/worker';
import type { RunOutcome, WindowOptions } from '../shared/messages.js';
import { BatchPublisher } from './batch-publisher.js';
import type { ParserRoom } from './parser-room.js';
import type { SliceSource } from './slice-source.js';
import { Window } from './window.js';

/** Chipmunk gives up on a parser that has produced nothing when more than this many bytes were dropped. */
const MAX_BYTES_DROPPED_BEFORE_FIRST_ITEM = 1024;
const MAX_PARSE_ERRORS_IN_A_ROW = 2000;
const MAX_INCOMPLETE_IN_A_ROW = 50;

/** The loop gives the thread's event loop a turn this often, for control calls and log lines, in milliseconds. */
const TURN_MS = 25;

export interface ProducerParts {
  readonly plugin: ParserRoom;
  readonly source: SliceSource;
  readonly ring: RingWriter;
  readonly window: WindowOptions;
  /** Called between two slices, when the event loop is about to have its turn. */
  readonly onTurn: () => void;
}

/** @throws the plugin's error when it ends the session; what was published before is delivered all the same. */
export async function produce(parts: ProducerParts): Promise<RunOutcome> {
  const loop = new ProducerLoop(parts);
  try {
    return await loop.run();
  } catch (error) {
    await loop.flush();
    throw error;
  }
}

class ProducerLoop {
  readonly #plugin: ParserRoom;
  readonly #source: SliceSource;
  readonly #ring: RingWriter;
  readonly #window: Window;
  readonly #out: BatchPublisher;
  readonly #onTurn: () => void;

  /** Bytes that the plugin left of its last slice, if it knows: a slice of this very length tells it that the input ended. */
  #rest = -1;
  #mustGrow = false;
  #parseErrors = 0;
  #incompletes = 0;
  #droppedBytes = 0;
  #lastTurn = performance.now();

  constructor({ plugin, source, ring, window, onTurn }: ProducerParts) {
    this.#plugin = plugin;
    this.#source = source;
    this.#ring = ring;
    this.#window = new Window(window);
    this.#out = new BatchPublisher(ring);
    this.#onTurn = onTurn;
  }

  async run(): Promise<RunOutcome> {
    for (;;) {
      if (this.#ring.stopRequested) return { reason: 'stopped' };
      if (performance.now() - this.#lastTurn > TURN_MS) await this.#giveTurn();

      const sliceBytes = this.#source.available(this.#offset, this.#nextSliceBytes());
      if (sliceBytes === 0) return this.#end('end');
      const atEnd = sliceBytes === this.#source.remaining(this.#offset);
      const lastPass = atEnd && sliceBytes === this.#rest;
      this.#mustGrow = false;

      const outcome = this.#parse(sliceBytes);
      if (outcome === undefined) continue;
      switch (outcome.kind) {
        case 'items': {
          const itemsBefore = this.#out.items;
          const consumed = await this.#deliver(outcome.count);
          if (consumed === undefined) return { reason: 'stopped' };
          this.#parseErrors = 0;
          this.#incompletes = 0;
          if (lastPass && consumed === 0) return this.#end('end');
          this.#rest = sliceBytes - consumed;
          if (consumed > 0) this.#window.used(consumed, sliceBytes);
          else if (!atEnd) this.#grow(sliceBytes, itemsBefore === this.#out.items ? 'no items' : 'items of no bytes');
          break;
        }
        case 'incomplete':
          this.#incomplete(sliceBytes, atEnd);
          break;
        case 'parse':
          this.#parseError(sliceBytes, outcome.message);
          break;
        case 'eof':
          return this.#end('eof');
        case 'unrecoverable':
          throw new PluginUnrecoverableError(outcome.message, { phase: 'parse' });
      }
    }
  }

  /** Publishes what was held back. */
  async flush(): Promise<void> {
    await this.#out.flush();
  }

  /** Position in the input of the first byte that is not accounted for. */
  get #offset(): number {
    return this.#out.offset;
  }

  #nextSliceBytes(): number {
    const wanted = this.#mustGrow ? Math.max(this.#window.bytes, this.#rest + 1) : this.#window.bytes;
    return wanted === this.#rest ? wanted + 1 : wanted;
  }

  /** Undefined when the input turned out to be shorter than it was, so that there was nothing to parse. */
  #parse(sliceBytes: number) {
    const slice = this.#plugin.prepare(sliceBytes);
    const filled = this.#source.read(slice, this.#offset);
    if (filled < sliceBytes) this.#rest = -1;
    return filled === 0 ? undefined : this.#plugin.parse(filled);
  }

  /** Publishes the items of the last `parse`; returns the bytes that they consumed, undefined when stopped. */
  async #deliver(count: number): Promise<number | undefined> {
    const before = this.#offset;
    const delivered = await this.#out.publish(this.#plugin, count);
    this.#plugin.release();
    return delivered ? this.#offset - before : undefined;
  }

  #grow(sliceBytes: number, returned: string): void {
    this.#mustGrow = true;
    if (sliceBytes < this.#window.bytes || this.#window.grow()) return;
    throw new PluginContractError(
      `The plugin returned ${returned} and consumed nothing of ${sliceBytes} bytes at byte ${this.#offset}, which is the longest window.`,
      { phase: 'parse', help: 'Raise window.hardMaxBytes if items are meant to be that long.' },
    );
  }

  #incomplete(sliceBytes: number, atEnd: boolean): void {
    this.#plugin.release();
    if (atEnd) {
      this.#drop();
      return;
    }
    this.#rest = sliceBytes;
    if (!this.#window.shortened && ++this.#incompletes > MAX_INCOMPLETE_IN_A_ROW)
      throw new PluginUnrecoverableError(
        `The plugin said 'incomplete' ${this.#incompletes} times in a row at byte ${this.#offset}.`,
        { phase: 'parse' },
      );
    this.#grow(sliceBytes, "'incomplete'");
  }

  #parseError(sliceBytes: number, message: string): void {
    this.#plugin.release();
    this.#drop();
    this.#droppedBytes++;
    this.#window.used(1, sliceBytes);
    if (this.#out.items === 0 && this.#droppedBytes > MAX_BYTES_DROPPED_BEFORE_FIRST_ITEM)
      throw new PluginUnrecoverableError(`No item in the first ${this.#droppedBytes} bytes: ${message}`, {
        phase: 'parse',
        help: 'Check that this parser is the one for this kind of input.',
      });
    if (++this.#parseErrors > MAX_PARSE_ERRORS_IN_A_ROW)
      throw new PluginUnrecoverableError(
        `${this.#parseErrors} parse errors in a row, up to byte ${this.#offset}; the last one: ${message}`,
        { phase: 'parse' },
      );
  }

  #drop(): void {
    this.#out.skip(1);
    this.#rest = -1;
  }

  async #end(reason: 'end' | 'eof'): Promise<RunOutcome> {
    const rest = this.#source.remaining(this.#offset);
    if (rest > 0) this.#out.skip(rest);
    await this.#out.flush();
    return { reason };
  }

  async #giveTurn(): Promise<void> {
    this.#onTurn();
    await new Promise((resolve) => setImmediate(resolve));
    await this.#out.flush();
    this.#lastTurn = performance.now();
  }
}
