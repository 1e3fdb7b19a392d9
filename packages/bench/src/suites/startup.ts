/** How long it takes until a session runs. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createParserPool, IngestSession, type ParserInfo } from '@chipmunk-host/hosts';
import type { WorkerPool } from '@chipmunk-host/runtime/internal';
import { stringParser } from '../bench-plugins.js';
import { runChild } from '../child-run.js';
import { InputFiles } from '../input-file.js';
import { logText } from '../log-text.js';
import { PluginsFolder } from '../plugins-folder.js';
import { duration, type Side, type Suite } from '../suite.js';

const INPUT_BYTES = 4096;
const PLUGINS = 20;

export const startup: Suite = {
  name: 'startup',
  description: 'until a plugin is loaded and a session is open: warm against cold',
  async open() {
    const files = await InputFiles.open();
    const cache = await mkdtemp(join(tmpdir(), 'chipmunk-host-bench-cache-'));
    const file = await files.write('input.log', logText(INPUT_BYTES));
    const component = await stringParser();
    const open = (pool: WorkerPool, info?: ParserInfo) =>
      IngestSession.open({ component, pool, source: { file }, ...(info === undefined ? {} : { info }) });
    const infoOf = async (pool: WorkerPool): Promise<ParserInfo> => {
      await using asked = await open(pool);
      return asked.info;
    };
    let known: ParserInfo | undefined;
    const warm = createParserPool();
    let session: IngestSession | undefined;
    let cold: WorkerPool | undefined;
    const opened = (found: IngestSession): string => {
      session = found;
      return `${found.info.configSchemas.length} schemas`;
    };
    const plugins = await PluginsFolder.open(PLUGINS);
    const openSide = (name: string, before: () => Promise<unknown>): Side => ({
      name,
      before: async () => void (await before()),
      async run() {
        const { plugins: found, durationMs } = await runChild('open-plugins', { directory: plugins.path });
        return { digest: found.join(), value: durationMs };
      },
    });
    const compileSide = (name: string, before: () => Promise<void>): Side => ({
      name,
      before,
      async run() {
        const { hash, durationMs } = await runChild('compile', { cacheDirectory: cache });
        return { digest: hash, value: durationMs };
      },
    });
    return {
      cases: [
        {
          name: 'warm-session',
          ...duration,
          ours: {
            name: 'pool with a worker that ran the plugin before',
            async before() {
              for await (const _ of await open(warm));
            },
            run: async () => opened(await open(warm)),
            after: async () => session?.close(),
          },
          baseline: {
            name: 'pool without a worker',
            async before() {
              cold = createParserPool({ prewarm: 0 });
            },
            async run() {
              if (cold === undefined) throw new Error('the pool was not made');
              return opened(await open(cold));
            },
            async after() {
              await session?.close();
              await cold?.close();
            },
          },
        },
        {
          name: 'known-plugin',
          ...duration,
          ours: {
            name: 'what the plugin says of itself is known',
            async before() {
              known ??= await infoOf(warm);
            },
            run: async () => opened(await open(warm, known)),
            after: async () => session?.close(),
          },
          baseline: {
            name: 'the plugin is asked',
            run: async () => opened(await open(warm)),
            after: async () => session?.close(),
          },
        },
        {
          name: 'cached-load',
          unit: 'ms',
          maxRounds: 5,
          ours: openSide(`${PLUGINS} plugins in the cache`, () =>
            runChild('open-plugins', { directory: plugins.path }),
          ),
          baseline: openSide(`${PLUGINS} plugins for the first time`, () => plugins.forget()),
        },
        {
          name: 'cached-compile',
          unit: 'ms',
          ours: compileSide('transpiled output on disk', () =>
            runChild('compile', { cacheDirectory: cache }).then(() => {}),
          ),
          baseline: compileSide('first load', () => rm(cache, { recursive: true, force: true })),
        },
      ],
      async close() {
        await warm.close();
        await files.close();
        await plugins.close();
        await rm(cache, { recursive: true, force: true });
      },
    };
  },
};
