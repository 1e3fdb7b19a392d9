/** The program of the processes that child-run.ts starts: does one piece of work, and writes the result to stdout as JSON. */

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { createParserPool, IngestSession } from '@chipmunk-host/hosts';
import { PluginsManager } from '@chipmunk-host/manager';
import { compile } from '@chipmunk-host/runtime';
import { STRING_PARSER, STRING_PARSER_WINDOW_BYTES, stringParser } from './bench-plugins.js';
import { sessionProfile } from './session-profile.js';

/** How often the memory of a process is looked at. */
const BATCHES_BETWEEN_LOOKS = 64;

const BARE_PROGRAM = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', () => {});
  parentPort.postMessage('started');
`;

const work = {
  /** One session over a file, and the peak of the process's resident memory. */
  async 'session-memory'({ file }: { readonly file: string }) {
    const component = await stringParser();
    await using pool = createParserPool();
    const window = { bytes: STRING_PARSER_WINDOW_BYTES };
    const session = await IngestSession.open({ component, pool, source: { file }, window });
    // The process's own record of its peak would be that of the process that started it, if that is larger.
    let peak = 0;
    for await (const _ of session) peak = Math.max(peak, process.memoryUsage.rss());
    return { items: session.summary.items, peakRssMb: peak / 1e6 };
  },

  /** Several sessions over one file at once: their total throughput, how evenly it was shared, and what each took of memory. */
  async sessions({
    file,
    count,
    windowBytes,
  }: {
    readonly file: string;
    readonly count: number;
    readonly windowBytes: number;
  }) {
    const component = await stringParser();
    await using pool = createParserPool({ maxInstances: count });
    const window = { bytes: windowBytes };
    // One before, so that what a process needs once is not counted for each.
    for await (const _ of await IngestSession.open({ component, pool, source: { file }, window }));
    globalThis.gc?.();
    const before = process.memoryUsage.rss();
    let peak = before;
    const sessions = await Promise.all(
      Array.from({ length: count }, () => IngestSession.open({ component, pool, source: { file }, window })),
    );
    let shares: number[] | undefined;
    let batches = 0;
    const startedAt = performance.now();
    await Promise.all(
      sessions.map(async (session) => {
        // Asking takes as long as a small batch does.
        for await (const _ of session)
          if (batches++ % BATCHES_BETWEEN_LOOKS === 0) peak = Math.max(peak, process.memoryUsage.rss());
        // How far the others are when the first has finished.
        shares ??= sessions.map(({ summary }) => summary.bytes);
      }),
    );
    const durationMs = performance.now() - startedAt;
    peak = Math.max(peak, process.memoryUsage.rss());
    const bytes = sessions.reduce((sum, { summary }) => sum + summary.bytes, 0);
    const mean = (shares ?? []).reduce((sum, share) => sum + share, 0) / count;
    return {
      items: sessions.map(({ summary }) => summary.items),
      megabytesPerSecond: bytes / 1000 / durationMs,
      leastShareOfMean: Math.min(...(shares ?? [])) / mean,
      memoryMbPerSession: (peak - before) / 1e6 / count,
    };
  },

  /**
   * What Node itself takes of memory for a worker that has started and waits for messages.
   * @param lean with the limits that the workers of sessions have
   */
  async 'bare-workers'({ count, lean }: { readonly count: number; readonly lean: boolean }) {
    const limits = {
      resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 1 },
      env: {},
      execArgv: [],
    };
    const start = async () => {
      const worker = new Worker(BARE_PROGRAM, { eval: true, ...(lean ? limits : {}) });
      await once(worker, 'message');
      return worker;
    };
    await (await start()).terminate();
    globalThis.gc?.();
    const before = process.memoryUsage.rss();
    const workers = await Promise.all(Array.from({ length: count }, start));
    const memoryMbPerWorker = (process.memoryUsage.rss() - before) / 1e6 / count;
    await Promise.all(workers.map((worker) => worker.terminate()));
    return { memoryMbPerWorker };
  },

  'session-profile': sessionProfile,

  /** Opening a manager on a directory of plugins, with or without what an earlier process left in its cache. */
  async 'open-plugins'({ directory }: { readonly directory: string }) {
    const startedAt = performance.now();
    await using manager = await PluginsManager.open({ directory, bundled: false });
    const durationMs = performance.now() - startedAt;
    return { plugins: manager.plugins().map(({ name, state }) => `${name} ${state}`), durationMs };
  },

  /** Compiling a plugin, from its bytes, with or without what an earlier process left in the cache. */
  async compile({ cacheDirectory }: { readonly cacheDirectory: string }) {
    const bytes = readFileSync(STRING_PARSER);
    const startedAt = performance.now();
    const { hash } = await compile(bytes, { cacheDirectory });
    return { hash, durationMs: performance.now() - startedAt };
  },
};

export type ChildWork = typeof work;

const [name, request = '{}'] = process.argv.slice(2);
if (name === undefined || !(name in work)) throw new Error(`unknown work '${name}'`);
const result = await work[name as keyof ChildWork](JSON.parse(request));
process.stdout.write(JSON.stringify(result));
