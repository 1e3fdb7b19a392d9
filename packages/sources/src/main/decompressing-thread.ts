/** Decompression in a thread of its own, which is started for it and ends with it. */
import { Worker } from 'node:worker_threads';
import { deserializeError, HostError } from '@chipmunk-host/runtime/internal/shared';
import type { OnGarbage } from '../shared/compressed/decompress.js';
import type { InputPieces } from '../shared/compressed/input-pieces.js';
import type { Compression } from '../shared/compression.js';
import type { DecompressingPayload, FromThread, ToThread } from '../shared/decompressing-messages.js';

/** The program of the thread: named here, defined there. */
const PROGRAM = new URL('../threads/decompressing.js', import.meta.url);

const PIECE_BYTES = 128 * 1024;

/** @throws HostError `ERR_SOURCE_OPEN`, `ERR_SOURCE_READ`; what reading the input throws */
export async function* decompressedInThread(
  compression: Compression,
  name: string,
  input: InputPieces,
  onGarbage: OnGarbage,
): AsyncGenerator<Uint8Array> {
  const thread = new DecompressingThread({ compression, name });
  try {
    for (;;) {
      const message = await thread.next();
      switch (message.type) {
        case 'read':
          void thread.answerWith(input.take(PIECE_BYTES));
          break;
        case 'chunk':
          yield message.bytes;
          thread.post({ type: 'more' });
          break;
        case 'garbage':
          onGarbage(message.position, message.bytes);
          break;
        case 'end':
          return;
        case 'error':
          throw deserializeError(message.error);
      }
    }
  } finally {
    await thread.end();
  }
}

class DecompressingThread {
  readonly #worker: Worker;
  readonly #messages: FromThread[] = [];
  #failure: { readonly error: unknown } | undefined;
  #change: () => void = () => {};

  constructor(payload: DecompressingPayload) {
    this.#worker = new Worker(PROGRAM, { workerData: payload });
    this.#worker.on('message', (message: FromThread) => {
      this.#messages.push(message);
      this.#change();
    });
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () =>
      this.#fail(new HostError('ERR_SOURCE_READ', 'The thread that decompresses the input has ended.')),
    );
  }

  async next(): Promise<FromThread> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      if (this.#failure !== undefined) throw this.#failure.error;
      await new Promise<void>((resolve) => {
        this.#change = resolve;
      });
    }
  }

  post(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  /** It goes on with the chunks that it has meanwhile. What is posted is copied: it may be a part of something else. */
  async answerWith(piece: Promise<Uint8Array | undefined>): Promise<void> {
    try {
      this.post({ type: 'piece', bytes: await piece });
    } catch (error) {
      this.#fail(error);
    }
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#change();
  }
}
