/**
 * What one would write without this host: a thread that splits a file into lines and posts them, either packed into a buffer
 * that is transferred, or as objects that are cloned. No plugin, no limits, no back-pressure beyond one message in flight.
 */
import { Worker } from 'node:worker_threads';

export interface LinesMessage {
  readonly count: number;
  /** With `clone`. */
  readonly items?: readonly { readonly offset: number; readonly text: string }[];
}

/** Spawns line.worker.ts. */
export async function workerLines(
  file: string,
  how: 'transfer' | 'clone',
  callback: (message: LinesMessage) => void,
): Promise<void> {
  const worker = new Worker(new URL('./line.worker.js', import.meta.url), { workerData: { file, how } });
  await new Promise<void>((done, failed) => {
    worker.on('message', (message: LinesMessage) => {
      callback(message);
      worker.postMessage('next');
    });
    worker.on('error', failed);
    worker.on('exit', () => done());
  });
}
