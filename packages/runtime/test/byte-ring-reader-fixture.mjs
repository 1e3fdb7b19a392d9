// The reading thread of byte-ring.test.ts: passes on what it reads, in pieces of the given lengths, and how it ended. A
// reader whose `dieAfter` bytes are read dies, without having given the last of them back.
import { parentPort, workerData } from 'node:worker_threads';
import { ByteRingReader } from '@chipmunk-host/runtime/internal/worker';

const { ring, reads, position, dieAfter } = workerData;
const reader = new ByteRingReader(ring);
if (position !== undefined) reader.position = position;
let total = 0;
// A wait on shared memory does not keep a thread alive; in use, its ports do.
const alive = setInterval(() => {}, 60_000);
try {
  for (let i = 0; ; i++) {
    const into = new Uint8Array(reads[i % reads.length]);
    const count = reader.read(into);
    if (count === 0) break;
    if (count === undefined) {
      await reader.ready();
      continue;
    }
    total += count;
    parentPort.postMessage({ bytes: into.subarray(0, count), position: reader.position });
    if (total >= dieAfter) process.exit(3);
    reader.settle();
  }
  parentPort.postMessage({ end: 'closed' });
} catch (error) {
  parentPort.postMessage({ end: error.code, message: error.message });
} finally {
  clearInterval(alive);
}
