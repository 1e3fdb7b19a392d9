// The writing thread of the fuzz target `ring`: plays one case for each message and answers when it is done.
import { parentPort } from 'node:worker_threads';
import { BatchRingWriter } from '@chipmunk-host/runtime/internal/worker';
import { byteAt, SeededRandom } from './ring-case.mjs';

parentPort.on('message', async ({ ring, ringCase }) => {
  await write(new BatchRingWriter(ring), ringCase);
  parentPort.postMessage('done');
});

async function write(writer, { seed, frames, segmentBytes, writerIdles }) {
  const random = new SeededRandom(seed, 0);
  for (const [number, length] of frames.entries()) {
    for (let rounds = random.below(writerIdles + 1); rounds > 0; rounds--) byteAt(rounds, number);
    const bytes = Uint8Array.from({ length }, (_, at) => byteAt(number, at));
    const segments = [];
    for (let at = 0; at < length; ) {
      const end = Math.min(length, at + 1 + random.below(segmentBytes));
      segments.push(bytes.subarray(at, end));
      at = end;
    }
    if (!(await writer.publishSegments(segments, length))) break;
  }
  writer.close();
}
