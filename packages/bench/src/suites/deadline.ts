/**
 * How soon a call that never returns is ended, and how soon the next one begins, with the main thread idle and busy. Promised: the
 * time limit and 200 ms, and 500 ms more. Beside a bare worker that its own parent ends at the same limit and replaces, with the main
 * thread idle.
 */
import { Worker } from 'node:worker_threads';
import { createParserPool, type Gap, IngestSession, type Restart } from '@chipmunk-host/hosts';
import { benchPlugin } from '../bench-plugins.js';
import { InputFiles } from '../input-file.js';
import type { Case, Outcome, Suite } from '../suite.js';

const DEADLINE_MS = 500;
const BUSY_MS = 2500;
/** Two windows. A window has so many items that they are delivered at once. */
const WINDOW = 'one\ntwo\nthree\nfour\nfive\n';

interface Times {
  /** From the call that never returns to its end, as the host saw it. */
  readonly endedMs: number;
  /** From there to the first call of the instance that takes over. */
  readonly nextMs: number;
  readonly digest: string;
}

export const deadline: Suite = {
  name: 'deadline',
  description: `a call that never returns, with a limit of ${DEADLINE_MS} ms: until it is ended; until the next call begins`,
  async open() {
    const files = await InputFiles.open();
    const pool = createParserPool({ maxInstances: 1 });
    const component = await benchPlugin('loop-once');
    const file = await files.write('input.log', Buffer.from(WINDOW), 2);

    async function ours(isBusy: boolean): Promise<Times> {
      const calls: number[] = [];
      const session = await IngestSession.open({
        component,
        pool,
        source: { file },
        window: { bytes: WINDOW.length },
        deadlineMs: DEADLINE_MS,
        onLog: ({ message, time }) => {
          if (message === 'call') calls.push(time);
        },
      });
      if (isBusy) for (const end = performance.now() + BUSY_MS; performance.now() < end; );
      const records: (Gap | Restart)[] = [];
      for await (const element of session)
        if (element.type === 'gap' || element.type === 'restart') records.push(element);
      const endedMs = records[0]?.error?.details?.durationMs ?? Number.NaN;
      const [, looping = Number.NaN, next = Number.NaN] = calls;
      return {
        endedMs,
        nextMs: next - looping - endedMs,
        digest: `${session.summary.items} items, ${records.length} restarts`,
      };
    }

    const figure = (isBusy: boolean, which: 'endedMs' | 'nextMs') => async (): Promise<Outcome> => {
      const times = await ours(isBusy);
      return { digest: times.digest, value: times[which] };
    };
    const bareFigure = (which: 'endedMs' | 'nextMs') => async (): Promise<Outcome> => {
      const times = await bareWorker();
      return { digest: times.digest, value: times[which] };
    };
    const pair = (name: string, isBusy: boolean, which: 'endedMs' | 'nextMs'): Case => ({
      name,
      unit: 'ms',
      maxRounds: 5,
      ours: { name: isBusy ? `main thread busy for ${BUSY_MS} ms` : 'main thread idle', run: figure(isBusy, which) },
      baseline: { name: 'bare worker, ended by its parent', run: bareFigure(which) },
    });
    return {
      cases: [
        pair('ended-idle', false, 'endedMs'),
        pair('next-idle', false, 'nextMs'),
        pair('ended-busy', true, 'endedMs'),
        pair('next-busy', true, 'nextMs'),
      ],
      async close() {
        await pool.close();
        await files.close();
      },
    };
  },
};

/** A thread that loops is ended after the same time, and another one is started. */
async function bareWorker(): Promise<Times> {
  const program = `require('node:worker_threads').parentPort.postMessage('up'); if (require('node:worker_threads').workerData) for (;;);`;
  const looping = new Worker(program, { eval: true, workerData: true });
  await new Promise((resolve) => looping.once('message', resolve));
  const began = performance.now();
  await new Promise((resolve) => setTimeout(resolve, DEADLINE_MS));
  await looping.terminate();
  const ended = performance.now();
  const next = new Worker(program, { eval: true, workerData: false });
  await new Promise((resolve) => next.once('message', resolve));
  const nextMs = performance.now() - ended;
  await next.terminate();
  return { endedMs: ended - began, nextMs, digest: '10 items, 1 restarts' };
}
