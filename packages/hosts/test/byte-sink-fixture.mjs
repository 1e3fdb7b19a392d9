// The worker at the other end of a byte-source's ring in byte-source.test.ts: reads it as a parser's worker does.
import { createHash } from 'node:crypto';
import { RingInput } from '@chipmunk-host/hosts/internal/worker';
import { ByteRingReader, serveControl } from '@chipmunk-host/runtime/internal/worker';

export default function run({ controlPort, eventPort, payload }) {
  const { ring, memory } = payload;
  const source = new RingInput(new ByteRingReader(ring), { memory });
  return new Promise((resolve) => {
    serveControl(controlPort, {
      /** Reads windows of the given lengths to the end, or up to `stopAt` bytes. */
      async collect(windows, stopAt) {
        const hash = createHash('sha256');
        let bytes = 0;
        for (let i = 0; bytes < stopAt; i++) {
          const count = await source.available(bytes, windows[i % windows.length]);
          if (count === 0) break;
          const target = new Uint8Array(count);
          source.read(target, bytes);
          hash.update(target);
          bytes += count;
          source.consume(bytes);
          eventPort.postMessage(bytes);
        }
        return { bytes, sha256: hash.digest('hex') };
      },
      close: () => setImmediate(resolve),
    });
  });
}
