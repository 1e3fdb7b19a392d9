/** How an input is compressed, and whether that is what was expected. */
import { HostError } from '@chipmunk-host/runtime/internal/shared';
import { type Compression, compressionOf, isUndecided } from '../compression.js';
import type { CompressionChoice } from '../files-options.js';
import type { InputPieces } from './input-pieces.js';

/** As much as it takes to tell how it is compressed: what is not may come in pieces of a few bytes. */
export async function headOf(input: InputPieces): Promise<Uint8Array> {
  for (let length = 1; ; ) {
    const head = await input.peek(length);
    if (head.length < length || !isUndecided(head)) return head;
    length = head.length + 1;
  }
}

/**
 * Undefined when it is to be read as it is.
 * @throws HostError `ERR_SOURCE_OPEN` when it is compressed in another way than was said
 */
export function chosenCompression(name: string, choice: CompressionChoice, head: Uint8Array): Compression | undefined {
  if (choice === 'none') return undefined;
  const found = compressionOf(head);
  if (choice === 'auto' || choice === found) return found;
  const is = found === undefined ? 'not compressed, as far as its first bytes tell' : `compressed with ${found}`;
  throw new HostError('ERR_SOURCE_OPEN', `'${name}' is ${is}; expected ${choice}.`, {
    help: "With compression 'auto', each input is read as what it is.",
  });
}

/** An input as it is. */
export async function* plain(input: InputPieces): AsyncGenerator<Uint8Array> {
  for (;;) {
    const piece = await input.take(Number.POSITIVE_INFINITY);
    if (piece === undefined) return;
    yield piece;
  }
}
