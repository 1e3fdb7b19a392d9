/**
 * All that a session holds and has to give back: its workers, its input, the listener of its signal. Apart from the session, so
 * that one that is dropped without `close` can be collected as garbage, and what it held is given back all the same.
 */
import { onAbort, type ReservedWorkers } from '@chipmunk-host/runtime/internal';
import type { OpenedInput } from '../input/opened-input.js';
import type { SessionAccount, SessionSummary } from './ingest-progress.js';
import type { Lane } from './lane.js';
import type { SessionMeters, SessionMetrics } from './session-metrics.js';

export const SESSION_NOT_CLOSED = 'CHIPMUNK_SESSION_NOT_CLOSED';

/** How a session has ended. `error` is what ended it early, other than the consumer or its signal. */
export interface SessionEnd {
  readonly summary: SessionSummary;
  readonly error: unknown;
  readonly metrics: SessionMetrics;
}

interface Parts {
  readonly account: SessionAccount;
  readonly meters: SessionMeters;
  readonly lanes: readonly Lane[];
  readonly input: OpenedInput;
  readonly workers: ReservedWorkers;
  readonly signal: AbortSignal | undefined;
  /** Name of the parser, for the warning. */
  readonly plugin: string;
}

export class SessionResources {
  /** Settles when the session has ended and everything of it is gone; never rejects. */
  readonly ended: Promise<SessionEnd>;
  /** What ended the session early. */
  error: { readonly thrown: unknown } | undefined;
  readonly #parts: Parts;
  readonly #tellEnd: (end: SessionEnd) => void;
  #stopListening: () => void = () => {};
  #closing: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    let tellEnd: (end: SessionEnd) => void = () => {};
    this.ended = new Promise((resolve) => {
      tellEnd = resolve;
    });
    this.#tellEnd = tellEnd;
  }

  get isClosing(): boolean {
    return this.#closing !== undefined;
  }

  /** Has them end with the session: when its signal is aborted, and when nobody holds the session any more. */
  belongTo(session: object): void {
    const { signal } = this.#parts;
    this.#stopListening = onAbort(signal, () => void this.close());
    dropped.register(session, this, this);
  }

  /** Calling it again does nothing. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The session is gone. */
  forgotten(): void {
    const { plugin } = this.#parts;
    process.emitWarning(
      `An ingest session with the parser '${plugin}' was dropped without close(). It held its workers until it was collected as garbage.`,
      {
        type: 'ChipmunkHostWarning',
        code: SESSION_NOT_CLOSED,
        detail: 'Read sessions to their end, leave the loop over one with break, or call close() on it (await using).',
      },
    );
    void this.close();
  }

  async #close(): Promise<void> {
    dropped.unregister(this);
    this.#stopListening();
    const { account, meters, lanes, input, workers, signal } = this.#parts;
    account.end(signal?.aborted ? 'aborted' : 'stopped');
    for (const { run } of lanes) run.stop();
    const error = this.error?.thrown;
    try {
      await Promise.all([input.close(), ...lanes.map(({ run }) => run.close())]);
    } finally {
      workers.release();
      this.#tellEnd({ summary: account.summary(), error, metrics: meters.end() });
    }
  }
}

const dropped = new FinalizationRegistry<SessionResources>((resources) => resources.forgotten());
