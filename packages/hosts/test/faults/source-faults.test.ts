/** Byte-sources that fail: the session ends with the source's error, behind every item of the bytes that came before. */
import { createParserPool, IngestSession, type PluginSourceOptions } from '@chipmunk-host/hosts';
import type { CompiledComponent, PluginError } from '@chipmunk-host/runtime';
import { keptPlugin } from '@chipmunk-host/test-plugins';
import { beforeAll, describe, expect } from 'vitest';
import { COUNTING_SOURCE, countedBytes } from '../counting-source.js';
import { compileKept, referenceLines } from '../support.js';
import { fault, setScene } from './scene.js';

const scene = setScene();
const BYTES = 100_000;
const DEADLINE_MS = 500;

let counting: CompiledComponent;
beforeAll(async () => {
  const component = await keptPlugin({ kind: 'bytesource', name: 'counting', source: COUNTING_SOURCE });
  counting = await compileKept(component);
});

/** A session in workers of its own: it takes two at once. */
async function readSource(config: Record<string, number | string>, more: Partial<PluginSourceOptions> = {}) {
  await using pool = createParserPool({ maxInstances: 2 });
  const source = { component: counting, plugin: 'the-source', config, deadlineMs: DEADLINE_MS, ...more };
  const texts: string[] = [];
  const session = await IngestSession.open({
    component: scene.stringParser,
    pool,
    source,
    config: { lossy: true },
  }).catch((error: PluginError) => error);
  if (!(session instanceof IngestSession)) return { texts, error: session };
  try {
    for await (const batch of session.batches()) for (const { text } of batch) texts.push(text);
    return { texts, error: undefined };
  } catch (error) {
    return { texts, error: error as PluginError };
  }
}

describe('a byte-source whose read', () => {
  const ENDINGS: readonly [what: string, ending: string, code: string, message: RegExp][] = [
    ['never returns', 'loop', 'ERR_PLUGIN_TIMEOUT', /did not return within/],
    ['traps', 'trap', 'ERR_PLUGIN_TRAP', /unreachable/],
    ['recurses without end', 'recurse', 'ERR_PLUGIN_TRAP', /call stack size/],
    ['returns more than was asked', 'too-much', 'ERR_PLUGIN_CONTRACT', /bytes/],
  ];
  for (const [what, ending, code, message] of ENDINGS) {
    fault(scene, `${what}: every whole item before it is delivered`, async () => {
      const { texts, error } = await readSource({ bytes: BYTES, ending });
      expect(error).toMatchObject({ code, phase: 'read', plugin: 'the-source' });
      expect(error?.message).toMatch(message);
      const all = referenceLines(countedBytes(BYTES)).map(({ columns }) => columns[0]);
      expect(texts).toEqual(all.slice(0, -1));
    });
  }
});

describe('a followed byte-source', () => {
  fault(scene, 'has nothing more, for ever: the limit on empty reads ends the session', async () => {
    const { texts, error } = await readSource({ bytes: BYTES }, { follow: { intervalMs: 1 } });
    expect(error).toMatchObject({ code: 'ERR_SOURCE_READ', message: expect.stringContaining('20 reads in a row') });
    const all = referenceLines(countedBytes(BYTES)).map(({ columns }) => columns[0]);
    expect(texts).toEqual(all.slice(0, -1));
  });
});

describe('a byte-source that does not start', () => {
  fault(scene, 'since its init traps', async () => {
    const { texts, error } = await readSource({ ending: 'trap-in-init' });
    expect(texts).toEqual([]);
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_TRAP', phase: 'init', plugin: 'the-source' });
  });

  fault(scene, 'since its init never returns', async () => {
    const { texts, error } = await readSource({ ending: 'loop-in-init' });
    expect(texts).toEqual([]);
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_TIMEOUT', phase: 'init', plugin: 'the-source' });
  });
});
