/** Reads a capture that is in memory, in one thread. */

import { PieceFeed } from '../src/worker/pcap/capture-feed.js';
import { CaptureReader, type CaptureReaderOptions } from '../src/worker/pcap/capture-reader.js';
import { MemoryOutput } from './memory-output.js';

export interface ReadCapture {
  readonly output: MemoryOutput;
  readonly fault: Error | undefined;
}

/** @param pieceBytes how much of it is read at once */
export async function readCapture(
  capture: Uint8Array,
  options: CaptureReaderOptions = {},
  pieceBytes = capture.length,
  output = new MemoryOutput(),
): Promise<ReadCapture> {
  let fault: Error | undefined;
  try {
    await new CaptureReader(output, options).read(new PieceFeed(pieces(capture, Math.max(1, pieceBytes))));
  } catch (error) {
    fault = error as Error;
  }
  return { output, fault };
}

async function* pieces(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}
