/** One worker's part of a session: a parser host that has been given its input, and the ring that its batches come through. */
import { type Frame, PluginError, PluginTimeoutError, RingReader } from '@chipmunk-host/runtime';
import type { RunOutcome, RunRequest } from '../shared/messages.js';
import { StatusWord } from '../shared/run-status.js';
import type { ParserHost } from './parser-host.js';
import { named } from './plugin-call.js';
import { watchRun } from './watchdog.js';

/** How a run ended. `lost` when its thread ended with it: another one can go on. */
export type RunEnd =
  | { readonly kind: 'ended'; readonly outcome: RunOutcome }
  | { readonly kind: 'failed' | 'lost'; readonly error: unknown };

export class ParserRun implements AsyncDisposable {
  readonly host: ParserHost;
  /** Never rejects. */
  readonly end: Promise<RunEnd>;
  readonly #reader: RingReader;
  readonly #stopWatching: () => void;

  constructor(host: ParserHost, request: RunRequest) {
    this.host = host;
    this.#reader = new RingReader(host.ring);
    let stuck = false;
    this.#stopWatching = watchRun(host.status, host.deadlineMs, () => {
      stuck = true;
      void host.instance.terminate();
    });
    this.end = named(host.plugin, host.instance.call('run', request)).then(
      (outcome): RunEnd => ({ kind: 'ended', outcome }),
      (error: unknown): RunEnd => {
        if (!(error instanceof PluginError) || error.code !== 'ERR_PLUGIN_LOST') return { kind: 'failed', error };
        if (!stuck) return { kind: 'lost', error };
        const message = `The plugin did not return within ${host.deadlineMs} ms, and its thread could only be ended.`;
        return {
          kind: 'lost',
          error: new PluginTimeoutError(message, { plugin: host.plugin, phase: 'parse', cause: error }),
        };
      },
    );
    // A worker that dies cannot close the ring itself.
    void host.instance.ended.then(() => this.#reader.closeForWriter());
  }

  /** Bytes of the slice that the plugin was last given. */
  get sliceBytes(): number {
    return Atomics.load(new Int32Array(this.host.status), StatusWord.sliceBytes);
  }

  /** The next frame; undefined when the worker publishes no more. */
  next(): Promise<Frame | undefined> {
    return this.#reader.next();
  }

  /** Wakes a pending `next` with nothing, and asks the worker to end. */
  stop(): void {
    this.#stopWatching();
    this.#reader.requestStop();
    this.#reader.closeForWriter();
  }

  async close(): Promise<void> {
    this.stop();
    await this.host.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
