/** Sessions over connections on which nothing comes: what they cost the processor, beside sockets that nobody reads through a session. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { IngestSession } from '@chipmunk-host/hosts';
import { openSourceStage } from './source-stage.js';
import type { OpenedSuite } from './suite.js';

const SESSIONS = 100;
/** V8 collects the garbage of each worker once, some seconds after it has begun to wait. */
const SETTLED_MS = 25_000;
const MEASURED_MS = 15_000;
const MINUTE_MS = 60_000;

export async function idleCases(): Promise<OpenedSuite> {
  const server = createServer((socket) => void socket.on('error', () => {}).write('one line\n')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    cases: [
      {
        name: 'idle-hundred',
        unit: 'ms',
        maxRounds: 1,
        ours: {
          name: `${SESSIONS} sessions, CPU of a minute`,
          async run() {
            const { component, pool, close } = await openSourceStage(2 * SESSIONS);
            const source = { tcp: { host: '127.0.0.1', port } };
            const sessions: IngestSession[] = [];
            for (let at = 0; at < SESSIONS; at++) sessions.push(await IngestSession.open({ component, pool, source }));
            const waiting = sessions.map(async (session) => {
              let items = 0;
              for await (const batch of session.batches()) items += batch.count;
              return items;
            });
            // What came at first is read, and the workers have nothing left to do.
            await sleep(SETTLED_MS);
            const value = await cpuOfMinute();
            await Promise.all(sessions.map((session) => session.close()));
            const items = (await Promise.all(waiting)).reduce((sum, one) => sum + one, 0);
            await close();
            return { digest: `${items} items`, value };
          },
        },
        baseline: {
          name: `${SESSIONS} bare sockets`,
          async run() {
            let lines = 0;
            const sockets: Socket[] = [];
            for (let at = 0; at < SESSIONS; at++)
              sockets.push(connect({ host: '127.0.0.1', port }).on('data', () => lines++));
            await sleep(SETTLED_MS);
            const value = await cpuOfMinute();
            for (const socket of sockets) socket.destroy();
            return { digest: `${lines} items`, value };
          },
        },
      },
    ],
    async close() {
      server.close();
    },
  };
}

/** Of this process, in milliseconds. */
async function cpuOfMinute(): Promise<number> {
  const before = process.cpuUsage();
  await sleep(MEASURED_MS);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) / 1000) * (MINUTE_MS / MEASURED_MS);
}
