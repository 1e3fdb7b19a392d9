/** xz, by an optional package: decompresses in this thread, at about 100 MB/s. */
import { ReadableStream } from 'node:stream/web';
import { cutOff, DamagedData } from './damage.js';
import type { InputPieces } from './input-pieces.js';
import { optionalPackage } from './optional-package.js';

interface XzPackage {
  readonly XzReadableStream: new (compressed: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>;
}

const PIECE_BYTES = 64 * 1024;

export const loadXz = (name: string) => optionalPackage<XzPackage>('xz', 'xz-decompress', name);

/** @throws DamagedData behind what could be decompressed */
export async function* unxzed(input: InputPieces, { XzReadableStream }: XzPackage): AsyncGenerator<Uint8Array> {
  let failure: { readonly error: unknown } | undefined;
  let hasEnded = false;
  const compressed = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const piece = await input.take(PIECE_BYTES);
        if (piece !== undefined) controller.enqueue(piece);
        else {
          hasEnded = true;
          controller.close();
        }
      } catch (error) {
        failure = { error };
        controller.error(error);
      }
    },
  });
  const reader = new XzReadableStream(compressed).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      if (value.length > 0) yield value;
    }
  } catch (error) {
    if (failure !== undefined) throw failure.error;
    if (hasEnded) throw cutOff(input.position);
    throw new DamagedData((error as Error).message, input.position);
  } finally {
    await reader.cancel().catch(() => {});
  }
}
