// A process whose plugin is busy for some hundredths of a second, in which thread-losses.test.ts suspends it for longer than its time limit.
import { readFileSync } from 'node:fs';
import { createParserPool, IngestSession } from '@chipmunk-host/hosts';
import { compile } from '@chipmunk-host/runtime';

const pool = createParserPool();
const session = await IngestSession.open({
  component: await compile(readFileSync(process.argv[2])),
  pool,
  source: {
    stream: (async function* () {
      yield Buffer.from('!stamp\n!spin\n');
    })(),
  },
  deadlineMs: 2000,
  onLog: ({ message }) => message === 'stamp' && console.log('busy'),
});
for await (const _ of session);
console.log(`${session.summary.status} with ${session.summary.restarts} restarts`);
await pool.close();
