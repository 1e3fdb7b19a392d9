/** The program of a thread that decompresses what the main thread gets, see main/decompressing-thread.ts. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { serializeError } from '@chipmunk-host/runtime/internal/worker';
import { decompressor } from '../shared/compressed/decompress.js';
import { InputPieces } from '../shared/compressed/input-pieces.js';
import type { DecompressingPayload, FromThread, ToThread } from '../shared/decompressing-messages.js';

// Not awaited: what it loads imports this module, which has to be whole by then.
if (parentPort !== null) void decompressFor(parentPort, workerData as DecompressingPayload);

async function decompressFor(port: MessagePort, { compression, name }: DecompressingPayload): Promise<void> {
  const post = (message: FromThread) => port.postMessage(message);
  let onPiece: (bytes: Uint8Array | undefined) => void = () => {};
  let onMore: () => void = () => {};
  port.on('message', (message: ToThread) => {
    if (message.type === 'piece') onPiece(message.bytes);
    else onMore();
  });
  const read = () =>
    new Promise<Uint8Array | undefined>((resolve) => {
      onPiece = resolve;
      post({ type: 'read' });
    });
  try {
    const decompress = await decompressor(compression, name);
    const onGarbage = (position: number, bytes: number) => post({ type: 'garbage', position, bytes });
    for await (const bytes of decompress(new InputPieces({ read }), onGarbage))
      await new Promise<void>((resolve) => {
        onMore = resolve;
        post({ type: 'chunk', bytes });
      });
    post({ type: 'end' });
  } catch (error) {
    post({ type: 'error', error: serializeError(error) });
  }
}
