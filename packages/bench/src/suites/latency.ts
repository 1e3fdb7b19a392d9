/** How long a line takes from the `write` of another process to an item on the main thread, beside a bare socket that looks for lines. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { IngestSession } from '@chipmunk-host/hosts';
import { median } from '../median.js';
import { SenderProcess } from '../sender-process.js';
import { openSourceStage } from '../source-stage.js';
import type { Suite } from '../suite.js';
import { wallMs } from '../wall-clock.js';

const LINES = 100;
const EVERY_MS = 5;

export const latency: Suite = {
  name: 'latency',
  description: `a line every ${EVERY_MS} ms over TCP: from the writer's write to the consumer's item`,
  async open() {
    const stage = await openSourceStage();
    const sender = await SenderProcess.start('lines', EVERY_MS);
    const { port } = sender;
    const { component, pool } = stage;
    return {
      cases: [
        {
          name: 'tcp-line',
          unit: 'ms',
          ours: {
            name: 'session, maxLatencyMs 0',
            async run() {
              const source = { tcp: { host: '127.0.0.1', port } };
              await using session = await IngestSession.open({ component, pool, source, maxLatencyMs: 0 });
              const times: number[] = [];
              for await (const batch of session.batches()) {
                for (const { text } of batch) times.push(wallMs() - Number(text));
                if (times.length >= LINES) break;
              }
              return { digest: 'lines', value: median(times) };
            },
          },
          baseline: {
            name: 'bare socket',
            async run() {
              const times: number[] = [];
              let rest = '';
              const socket = connect({ host: '127.0.0.1', port }).on('data', (chunk) => {
                const lines = (rest + chunk.toString('latin1')).split('\n');
                rest = lines.pop() ?? '';
                for (const line of lines) times.push(wallMs() - Number(line));
                if (times.length >= LINES) socket.destroy();
              });
              await once(socket, 'close');
              return { digest: 'lines', value: median(times) };
            },
          },
        },
      ],
      async close() {
        await sender.close();
        await stage.close();
      },
    };
  },
};
