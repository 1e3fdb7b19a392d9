// A process in which the machine runs out of something while sessions are open; its arguments say of what. Started by
// scarce-resources.test.ts, to which it prints what came of each session.
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createParserPool, IngestSession } from '@chipmunk-host/hosts';
import { compile } from '@chipmunk-host/runtime';

const [what, stringParser, faulty] = process.argv.slice(2);
const WORKERS = 3;

const pool = createParserPool({ maxInstances: WORKERS });
const lines = await compile(readFileSync(stringParser));
const looping = await compile(readFileSync(faulty));

async function* stream(text) {
  yield Buffer.from(text);
}

async function outcome(component, text = 'one\ntwo\nthree\n') {
  try {
    const session = await IngestSession.open({ component, pool, source: { stream: stream(text) }, deadlineMs: 300 });
    let items = 0;
    for await (const batch of session.batches()) items += batch.count;
    return `${items} items`;
  } catch (error) {
    return `${error.code}: ${error.message}`;
  }
}

const all = async () => (await Promise.all(Array.from({ length: WORKERS }, () => outcome(lines)))).join(', ');

console.log(`before: ${await outcome(lines)}`);
const refill = await exhaust();
// The first of these still finds a thread; the others need one that the machine does not have.
const scarce = await Promise.all([
  outcome(looping, '!loop\n'),
  ...Array.from({ length: WORKERS - 1 }, () => outcome(lines)),
]);
console.log(`while: ${[...new Set(scarce)].sort().join(', ')}`);
await refill();
console.log(`after: ${await all()}`);
await pool.close();
console.log('alive');
process.stdin.destroy();

/** Returns how to have enough again. */
async function exhaust() {
  if (what === 'threads') {
    await limit('few');
    return () => limit('many');
  }
  const taken = [];
  for (;;) {
    try {
      taken.push(openSync('/dev/null', 'r'));
    } catch {
      return () => {
        for (const descriptor of taken) closeSync(descriptor);
      };
    }
  }
}

/** The test sets the limit: a process that may start no threads can start no program that would. */
async function limit(threads) {
  console.log(`${threads} threads, please`);
  await once(process.stdin, 'data');
}
