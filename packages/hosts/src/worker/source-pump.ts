/** Reads a byte-source plugin and passes its bytes on through a ring, as long as somebody wants them. */
import { type ChunkWriter, withinTimeLimit } from '@chipmunk-host/runtime/worker';
import type { ByteSourceOutcome } from '../shared/byte-source-messages.js';
import type { ByteSourceRoom } from './byte-source-room.js';
import type { RunStatusWriter } from './run-status.js';

/** The pump gives the thread's event loop a turn this often, for control calls and log lines, in milliseconds. */
const TURN_MS = 25;

export interface PumpParts {
  readonly plugin: ByteSourceRoom;
  readonly ring: ChunkWriter;
  readonly status: RunStatusWriter;
  /** Time limit on one `read`, in milliseconds; 0 means none. */
  readonly deadlineMs: number;
  /** Called when the event loop is about to have its turn. */
  onTurn(): void;
}

export class SourcePump {
  readonly #parts: PumpParts;
  #bytes = 0;

  constructor(parts: PumpParts) {
    this.#parts = parts;
  }

  /** Bytes delivered so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @throws what `read` threw. The ring is left open. */
  async run(): Promise<ByteSourceOutcome> {
    const { ring, onTurn } = this.#parts;
    for (;;) {
      switch (this.#guardedStretch()) {
        case 'end':
          return { reason: 'end', bytes: this.#bytes };
        case 'stopped':
          return { reason: 'stopped', bytes: this.#bytes };
        case 'turn':
          onTurn();
          await new Promise((resolve) => setImmediate(resolve));
          break;
        case 'full':
          onTurn();
          await ring.acquire();
      }
    }
  }

  /** One guard around as many reads as fit a turn: a guard costs more than many a read. */
  #guardedStretch(): 'end' | 'stopped' | 'turn' | 'full' {
    const { deadlineMs, ring, status } = this.#parts;
    status.begin();
    try {
      return withinTimeLimit(deadlineMs === 0 ? 0 : deadlineMs + TURN_MS, () => this.#stretch());
    } catch (error) {
      // It may have been stopped anywhere.
      ring.resume();
      throw error;
    } finally {
      status.end();
    }
  }

  #stretch(): 'end' | 'stopped' | 'turn' | 'full' {
    const { plugin, ring } = this.#parts;
    const until = performance.now() + TURN_MS;
    do {
      if (ring.stopRequested) return 'stopped';
      const slot = ring.tryAcquire();
      if (slot === undefined) return 'full';
      const count = plugin.read(slot);
      if (count === 0) return 'end';
      ring.publish(count);
      this.#bytes += count;
    } while (performance.now() < until);
    return 'turn';
  }
}
