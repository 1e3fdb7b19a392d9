/**
 * Restarts of a byte-source on their way into the stream of batches. The source's worker puts a note into the ring in front of
 * the first byte that a fresh instance delivers; the parser's worker publishes a record when its batches have come that far.
 */

import type { StreamRecord } from '@chipmunk-host/batch';
import type { SourceRestart } from '../../shared/protocol/byte-source-messages.js';

/** A note that fits a slot: without stack and log lines, and with a short message, if it has to be. */
export function encodeRestart(restart: SourceRestart, slotBytes: number): Uint8Array {
  const whole = Buffer.from(JSON.stringify(restart), 'utf8');
  if (whole.length <= slotBytes) return whole;
  const { name, message, code, plugin, phase } = restart.error;
  // A character takes at most 6 bytes of JSON.
  const most = Math.floor(slotBytes / 32);
  const error = { name, message: message.slice(0, most), code, plugin: plugin?.slice(0, most), phase };
  return Buffer.from(JSON.stringify({ ...restart, error }), 'utf8');
}

/** The record of a restart for a stream whose batches have reached position `offset`. */
export function restartRecord({ restarts, offset: sourceOffset, error }: SourceRestart, offset: number): StreamRecord {
  return { type: 'restart', side: 'source', reason: 'failed', offset, length: 0, restarts, sourceOffset, error };
}

export class SourceRestarts {
  readonly #pending: SourceRestart[];
  #last = 0;
  #dueAt: number;

  /** @param pending what a parser whose thread was lost has left unreported, in order */
  constructor(pending: readonly SourceRestart[]) {
    this.#pending = [...pending];
    this.#last = pending.at(-1)?.number ?? 0;
    this.#dueAt = this.#nextOffset();
  }

  /** Position in the input at which the next record is due; Infinity when there is none. */
  get dueAt(): number {
    return this.#dueAt;
  }

  /** Takes a note from the ring; one that is known already is dropped. */
  add(note: Uint8Array): void {
    const restart = JSON.parse(Buffer.from(note).toString('utf8')) as SourceRestart;
    if (restart.number <= this.#last) return;
    this.#last = restart.number;
    this.#pending.push(restart);
    this.#dueAt = this.#nextOffset();
  }

  /** Those that are due when the batches have reached position `offset`. */
  take(offset: number): readonly SourceRestart[] {
    const due = this.#pending.filter((restart) => restart.offset <= offset);
    this.#pending.splice(0, due.length);
    this.#dueAt = this.#nextOffset();
    return due;
  }

  #nextOffset(): number {
    return this.#pending[0]?.offset ?? Number.POSITIVE_INFINITY;
  }
}
