/**
 * What a source tells, on its way into the stream of batches. Of a byte-source plugin: its restarts; the source's worker puts a note into
 * the ring in front of the first byte that a fresh instance delivers. Of a built-in source: what happens to it. The parser's worker
 * publishes a record when its batches have come that far. Both are numbered from 1, so that none is published twice.
 */

import type { SourceNoticeRecord, StreamRecord } from '@chipmunk-host/batch';
import type { NumberedEvent, SourceEvent } from '@chipmunk-host/sources/internal/shared';
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

/** The record of an event of a built-in source. @param sourceOffset position in the input at which it happened */
export function noticeRecord({ event }: NumberedEvent, sourceOffset: number, offset: number): SourceNoticeRecord {
  const { event: word, message, count, bytes: byteCount, peer, ...others } = event;
  const known = Object.entries(others).filter(([, value]) => value !== undefined);
  const details = known.length === 0 ? undefined : (Object.fromEntries(known) as SourceNoticeRecord['details']);
  const place = { offset, length: 0, sourceOffset } as const;
  return { type: 'source', event: word, message, ...place, count, byteCount, peer, details };
}

interface Pending {
  readonly number: number;
  /** Position in the input at which the record is due. */
  readonly offset: number;
  /** The record in a stream whose batches have reached position `offset`. */
  recordAt(offset: number): StreamRecord;
}

export class SourceRestarts {
  readonly #pending: Pending[];
  #last = 0;
  #dueAt: number;

  /** @param pending what a parser whose thread was lost has left unreported, in order */
  constructor(pending: readonly SourceRestart[]) {
    this.#pending = pending.map(pendingRestart);
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
    this.#pending.push(pendingRestart(restart));
    this.#dueAt = this.#nextOffset();
  }

  /** Takes an event of a built-in source, which happened at position `offset`. One that is known already is dropped. */
  addEvent(offset: number, text: Uint8Array): void {
    const numbered = JSON.parse(Buffer.from(text).toString('utf8')) as NumberedEvent;
    const { number } = numbered;
    if (number <= this.#last) return;
    this.#last = number;
    this.#pending.push({ number, offset, recordAt: (at) => noticeRecord(numbered, offset, at) });
    this.#dueAt = this.#nextOffset();
  }

  /** Takes the first event, which happened at position `offset`. */
  addNotice(offset: number, event: SourceEvent): void {
    this.addEvent(offset, Buffer.from(JSON.stringify({ number: 1, event } satisfies NumberedEvent)));
  }

  /** Those that are due when the batches have reached position `offset`. */
  take(offset: number): readonly Pending[] {
    const due = this.#pending.filter((pending) => pending.offset <= offset);
    this.#pending.splice(0, due.length);
    this.#dueAt = this.#nextOffset();
    return due;
  }

  #nextOffset(): number {
    return this.#pending[0]?.offset ?? Number.POSITIVE_INFINITY;
  }
}

function pendingRestart(restart: SourceRestart): Pending {
  const { number, offset } = restart;
  return { number, offset, recordAt: (at) => restartRecord(restart, at) };
}
