/** Sessions of one plugin one after the other in one worker: what an item takes, and what it is made of. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createParserPool, IngestSession } from '@chipmunk-host/hosts';
import { compile } from '@chipmunk-host/runtime';
import { STRING_PARSER_WINDOW_BYTES } from './bench-plugins.js';
import { profiled, timeOfParts } from './worker-profile.js';

/** Until V8 has compiled the plugin and the host's code for speed. */
const WARM_SESSIONS = 4;
const MEASURED_SESSIONS = 4;
const NS_PER_MS = 1e6;

export interface ProfileRequest {
  readonly plugin: string;
  readonly file: string;
  /** A file whose session takes next to no time. */
  readonly smallFile: string;
  /** Without, the sessions are only timed. */
  readonly profile: boolean;
  /** The profiles' directory and the start of their names, where they are to be kept. */
  readonly keepAt?: { readonly directory: string; readonly name: string };
}

export async function sessionProfile({ plugin, file, smallFile, profile, keepAt }: ProfileRequest) {
  const component = await compile(readFileSync(plugin));
  await using pool = createParserPool({ maxInstances: 1 });
  const session = async (path: string): Promise<number> => {
    const window = { bytes: STRING_PARSER_WINDOW_BYTES };
    const opened = await IngestSession.open({ component, pool, source: { file: path }, window });
    for await (const _ of opened.batches());
    return opened.summary.items;
  };
  for (let i = 0; i < WARM_SESSIONS; i++) await session(file);
  let items = 0;
  let durationMs = 0;
  const work = async () => {
    const startedAt = performance.now();
    for (let i = 0; i < MEASURED_SESSIONS; i++) items += await session(file);
    durationMs = performance.now() - startedAt;
  };
  const perItem = (ms: number) => (ms * NS_PER_MS) / items;
  if (!profile) {
    await work();
    return { items, nsPerItem: perItem(durationMs), parts: {} };
  }
  const { worker, main } = await profiled(work, async () => void (await session(smallFile)));
  if (keepAt !== undefined) {
    mkdirSync(keepAt.directory, { recursive: true });
    for (const [thread, found] of Object.entries({ worker, main }))
      writeFileSync(join(keepAt.directory, `${keepAt.name}-${thread}.cpuprofile`), JSON.stringify(found));
  }
  const { idle: _, ...parts } = timeOfParts(worker);
  const { idle: __, ...mainParts } = timeOfParts(main);
  const mainMs = Object.values(mainParts).reduce((sum, ms) => sum + ms, 0);
  return {
    items,
    nsPerItem: perItem(durationMs),
    parts: Object.fromEntries(
      Object.entries({ ...parts, mainThread: mainMs }).map(([part, ms]) => [part, perItem(ms)]),
    ),
  };
}
