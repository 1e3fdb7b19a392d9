/** The program of the thread that line-worker.ts spawns. */
import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

const CHUNK_BYTES = 1024 * 1024;
const LF = 10;
const { file, how } = workerData as { file: string; how: 'transfer' | 'clone' };
const port = parentPort;
if (port === null) throw new Error('line.worker.ts runs in a worker only');

const descriptor = openSync(file, 'r');
const buffer = Buffer.alloc(CHUNK_BYTES * 2);
let kept = 0;
let offset = 0;
let ended = false;
/** One message ahead of the one that is being worked on. */
post();
port.on('message', post);
post();

function post(): void {
  // The answer to the message before the last one.
  if (ended) return;
  const read = readSync(descriptor, buffer, kept, CHUNK_BYTES, null);
  const length = kept + read;
  if (length === 0) {
    ended = true;
    closeSync(descriptor);
    port?.close();
    return;
  }
  const end = read === 0 ? length : buffer.lastIndexOf(LF, length - 1) + 1;
  if (how === 'clone') {
    const items: { offset: number; text: string }[] = [];
    eachLine(end, (start, stop) => items.push({ offset: offset + start, text: buffer.toString('utf8', start, stop) }));
    port?.postMessage({ count: items.length, items });
  } else {
    const ends: number[] = [];
    eachLine(end, (_start, stop) => ends.push(stop));
    const text = Uint8Array.from(buffer.subarray(0, end));
    const table = Uint32Array.from(ends);
    port?.postMessage({ count: ends.length, text, table }, [text.buffer, table.buffer]);
  }
  offset += end;
  buffer.copy(buffer, 0, end, length);
  kept = length - end;
}

function eachLine(end: number, callback: (start: number, stop: number) => void): void {
  for (let start = 0; start < end; ) {
    const found = buffer.indexOf(LF, start);
    const stop = found === -1 || found >= end ? end : found;
    callback(start, stop);
    start = stop + 1;
  }
}
