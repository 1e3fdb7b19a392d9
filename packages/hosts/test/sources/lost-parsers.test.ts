/** The thread of a parser is lost while it reads a built-in source: another goes on at the same byte, in the same input, and nothing is told twice. */
import { IngestSession } from '@chipmunk-host/hosts';
import type { WorkerInstance } from '@chipmunk-host/runtime/internal';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { setStage, watched } from '../support.js';
import { setSockets } from './socket-support.js';

const stage = setStage();
const sockets = setSockets();

const connection = fc.record({
  lines: fc.integer({ min: 0, max: 3000 }),
  /** Whether it ends in the middle of a line. */
  isCut: fc.boolean(),
});

test('it is lost at random moments of connections that follow each other', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(connection, { minLength: 2, maxLength: 5 }),
      fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 3 }),
      async (connections, losses) => {
        const texts = connections.map(({ lines, isCut }, number) => {
          const all = Array.from({ length: lines }, (_, line) => `connection ${number} line ${line}`);
          return isCut ? [...all, `connection ${number} ends he`] : all;
        });
        const port = await sockets.server((socket, client) => {
          const { isCut } = connections[client] ?? { isCut: false };
          const content = (texts[client] ?? []).join('\n');
          if (client < connections.length) socket.end(content === '' || isCut ? content : `${content}\n`);
        });
        const { pool, instances } = watched(stage.pool);
        const session = await IngestSession.open({
          component: stage.stringParser,
          pool,
          window: { bytes: 20_000 },
          ring: { slots: 2, slotBytes: 16_384 },
          source: { tcp: { host: '127.0.0.1', port, reconnect: { minDelayMs: 1, maxDelayMs: 2 } } },
        });
        // The source's came first.
        const parser = instances[1] as WorkerInstance<{ close(): void }>;
        const got: string[][] = connections.map(() => []);
        const notices: string[] = [];
        let [elements, offset] = [0, 0];
        for await (const element of session) {
          if (losses.includes(elements++)) parser.terminate();
          expect(element.offset).toBe(offset);
          offset += element.consumedBytes;
          if (element.type === 'batch') for (const { text } of element) got[element.source]?.push(text);
          if (element.type === 'source') notices.push(`${element.source} ${element.event}`);
          if (notices.length === 2 * connections.length) break;
        }
        expect(got).toEqual(texts);
        expect(notices).toEqual(
          connections.flatMap((_, number) => [`${number} disconnected`, `${number + 1} reconnected`]),
        );
        await sockets.endServers();
      },
    ),
    { numRuns: 12, seed: 7 },
  );
});
