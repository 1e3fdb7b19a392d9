/** Sessions at once: what they reach together, whether they share evenly, and what each takes of memory. */
import { runChild } from '../child-run.js';
import { InputFiles } from '../input-file.js';
import { logText } from '../log-text.js';
import type { Side, Suite } from '../suite.js';

const WINDOW_BYTES = 256 * 1024;
const PART_BYTES = 64 * 1024 * 1024;
/** Of the input of each session, 1 GiB: the start of a thread, and compiling in it, should not count. */
const PARTS = 16;
/** Of the sessions whose memory is measured, 128 MiB. */
const MEMORY_PARTS = 2;
/** Threads of which the memory is compared: many enough that what the process itself does counts little. */
const COMPARED_THREADS = 32;
/** Else what the main thread's own nursery grows by would be counted, too, with each of them. */
const SMALL_NURSERY = ['--max-semi-space-size=1'];

export const sessions: Suite = {
  name: 'sessions',
  description:
    'total throughput of 2 sessions at once against one, of 8 and of 64 against two, and the memory of one against a bare Worker; ' +
    'a process for each round',
  async open() {
    const files = await InputFiles.open();
    const part = logText(PART_BYTES);
    const file = await files.write('sessions.log', part, PARTS);
    const memoryFile = await files.write('memory.log', part, MEMORY_PARTS);
    const runSessions = (count: number) => runChild('sessions', { file, count, windowBytes: WINDOW_BYTES });
    const side = (count: number): Side => ({
      name: count === 1 ? 'one session' : `${count} sessions`,
      async run() {
        const { items, megabytesPerSecond, ...details } = await runSessions(count);
        return { digest: [...new Set(items)].join(' and '), value: megabytesPerSecond, details };
      },
    });
    // They share nothing, so this is what the machine itself gives to a second one.
    const twoProcesses: Side = {
      name: 'two processes with one session each',
      async run() {
        const runs = await Promise.all([runSessions(1), runSessions(1)]);
        const items = new Set(runs.flatMap((run) => run.items));
        const value = runs.reduce((sum, { megabytesPerSecond }) => sum + megabytesPerSecond, 0);
        return { digest: [...items].join(' and '), value };
      },
    };
    const session: Side = {
      name: `one of ${COMPARED_THREADS} sessions`,
      async run() {
        const request = { file: memoryFile, count: COMPARED_THREADS, windowBytes: WINDOW_BYTES };
        const { memoryMbPerSession } = await runChild('sessions', request, SMALL_NURSERY);
        return { digest: 'sessions', value: memoryMbPerSession };
      },
    };
    const bareWorker = (name: string, lean: boolean): Side => ({
      name,
      async run() {
        const { memoryMbPerWorker } = await runChild('bare-workers', { count: COMPARED_THREADS, lean }, SMALL_NURSERY);
        return { digest: 'workers', value: memoryMbPerWorker };
      },
    });
    return {
      cases: [
        { name: 'two', unit: 'MB/s', ours: side(2), baseline: side(1), others: [twoProcesses] },
        { name: 'eight', unit: 'MB/s', ours: side(8), baseline: side(2), maxRounds: 5 },
        { name: 'sixty-four', unit: 'MB/s', ours: side(64), baseline: side(2), maxRounds: 5 },
        {
          name: 'memory',
          unit: 'MB',
          ours: session,
          baseline: bareWorker('a bare Worker', false),
          others: [bareWorker('a bare Worker with the limits of a session', true)],
          differ: true,
          maxRounds: 5,
        },
      ],
      close: () => files.close(),
    };
  },
};
