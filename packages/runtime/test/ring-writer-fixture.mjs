// The writing thread of ring.test.ts. A frame of negative length: it dies in the middle of one.
import { workerData } from 'node:worker_threads';
import { BatchRingWriter } from '@chipmunk-host/runtime/internal/worker';

const { ring, frames, pieces } = workerData;
const writer = new BatchRingWriter(ring);
// A wait on shared memory does not keep a thread alive; in use, its ports do.
const alive = setInterval(() => {}, 60_000);
for (const [frame, length] of frames.entries()) {
  if (length < 0) {
    await writer.acquire();
    writer.publish(4096, true, 2 * 4096);
    process.exit(3);
  }
  const segments = [];
  for (let at = 0, i = 0; at < length; i++) {
    const bytes = Math.min(pieces[i % pieces.length], length - at);
    const start = at;
    segments.push(Uint8Array.from({ length: bytes }, (_, k) => (frame * 31 + (start + k) * 7) & 0xff));
    at += bytes;
  }
  if (!(await writer.publishSegments(segments, length))) break;
}
writer.close();
clearInterval(alive);
