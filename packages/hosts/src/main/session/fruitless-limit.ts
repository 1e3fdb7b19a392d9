/**
 * Ends a session whose plugin fails on everything that it is given: piece after piece is given up, with no item in between. It
 * counts what is delivered, so that it is the same whichever threads it came from, and whenever they were lost.
 */

import type { RecordedError, StreamElement } from '@chipmunk-host/batch';
import { deserializeError, PluginUnrecoverableError } from '@chipmunk-host/runtime';
import type { RecoveryOptions } from '../../shared/protocol/recovery-options.js';
import type { EncodedItems } from './encoded-items.js';

export class FruitlessLimit {
  readonly #most: number;
  #gaps = 0;
  #bytes = 0;
  #first: RecordedError | undefined;

  constructor({ maxGapsInRow }: Pick<RecoveryOptions, 'maxGapsInRow'>) {
    this.#most = maxGapsInRow;
  }

  /** Takes note of what was delivered. */
  add(element: StreamElement | EncodedItems): void {
    if ((element.type === 'batch' || element.type === 'encoded') && element.count + element.filteredItems > 0)
      this.#gaps = 0;
    if (element.type !== 'gap') return;
    if (this.#gaps === 0) {
      this.#first = element.error;
      this.#bytes = 0;
    }
    this.#gaps++;
    this.#bytes += element.length;
  }

  /** What the session ends with; undefined as long as it goes on. */
  error(): PluginUnrecoverableError | undefined {
    const first = this.#first;
    if (first === undefined || this.#gaps < this.#most) return undefined;
    const message = `The plugin fails on all input: ${this.#gaps} stretches in a row, ${this.#bytes} bytes, were given up with no item in between. The first error: ${first.message}`;
    return new PluginUnrecoverableError(message, {
      cause: deserializeError(first),
      help: 'Use another plugin, or fix this one. If you expect items after that input, raise recovery.maxGapsInRow.',
      ...(first.plugin === undefined ? {} : { plugin: first.plugin }),
      ...(first.phase === undefined ? {} : { phase: first.phase }),
    });
  }
}
