/** What a session yields: batches, gaps and restarts, told apart by their type. */
import { IngestSession, readStream, type StreamElement } from '@chipmunk-host/hosts';
import { describe, expect, test } from 'vitest';
import { setScene } from './scene.js';

const scene = setScene();
const CONTENT = 'first\nsecond\n!trap\nfourth\n';

async function openFaulty(content = CONTENT): Promise<IngestSession> {
  const source = { file: await scene.input(content) };
  return scene.open({ component: scene.faulty, plugin: 'the-plugin', source });
}

/** As much of an element as its type has. */
function inShort(element: StreamElement): unknown {
  if (element.type === 'batch') return [...element].map(({ text }) => text);
  if (element.type === 'gap') return ['gap', element.offset, element.length, element.error.code];
  if (element.type === 'source') return ['source', element.event];
  return ['restart', element.side, element.reason, element.offset, element.error?.code];
}

/** What was delivered, with neighbouring batches joined. */
function joined(elements: readonly unknown[]): unknown[] {
  return elements.flat();
}

/** Without restarts: how many there are is the business of the search for the shortest input that fails. */
const EXPECTED = ['first', 'second', 'gap', 13, 6, 'ERR_PLUGIN_TRAP', 'fourth'];

const isRestart = (short: unknown): boolean => (short as readonly unknown[])[0] === 'restart';

describe('a session of a plugin that fails on a line', () => {
  test('yields batches, gaps and restarts in order, which can be stored and read again', async () => {
    const seen: unknown[] = [];
    const stored: Uint8Array[] = [];
    for await (const element of await openFaulty()) {
      seen.push(inShort(element));
      stored.push(Uint8Array.from(element.bytes));
    }
    expect(joined(seen.filter((short) => !isRestart(short)))).toEqual(EXPECTED);
    expect(seen.find(isRestart)).toEqual(['restart', 'parser', 'failed', 0, 'ERR_PLUGIN_TRAP']);
    expect([...readStream(Buffer.concat(stored))].map(inShort)).toEqual(seen);
  });

  test('yields what can be kept: copies of batches, and gaps and restarts as they are', async () => {
    const kept: StreamElement[] = [];
    for await (const element of await openFaulty()) kept.push(element.retain());
    expect(joined(kept.map(inShort).filter((short) => !isRestart(short)))).toEqual(EXPECTED);
    expect(kept.reduce((sum, { consumedBytes }) => sum + consumedBytes, 0)).toBe(CONTENT.length);
  });

  test('yields its batches alone, and its summary counts the rest', async () => {
    const session = await openFaulty();
    const texts: string[] = [];
    for await (const batch of session.batches()) for (const { text } of batch) texts.push(text);
    expect(texts).toEqual(['first', 'second', 'fourth']);
    expect(session.summary).toMatchObject({ status: 'completed', items: 3, gaps: 1, gapBytes: 6 });
    expect(session.summary.restarts).toBeGreaterThan(0);
  });

  test('ends when the loop over its batches is left', async () => {
    const session = await openFaulty('line\n'.repeat(300_000));
    for await (const batch of session.batches()) {
      expect(batch.count).toBeGreaterThan(0);
      break;
    }
    expect(session.summary.status).toBe('stopped');
    expect(await session.next()).toEqual({ done: true, value: undefined });
  });
});

describe('each element names its input', () => {
  test('the path of a file, also in gaps and restarts', async () => {
    const file = await scene.input(CONTENT);
    const session = await scene.open({ component: scene.faulty, source: { file } });
    const types = new Set<string>();
    for await (const element of session) {
      types.add(element.type);
      expect(element).toMatchObject({ source: 0, sources: [{ number: 0, name: file, type: 'file' }], header: {} });
    }
    expect([...types].sort()).toEqual(['batch', 'gap', 'restart']);
  });

  test.each<[{ name?: string }, string]>([
    [{}, 'stream'],
    [{ name: '-' }, '-'],
    [{ name: 'long'.repeat(500) }, 'long'.repeat(256)],
  ])('the name of a stream, or that it is one, %#', async (named, name) => {
    const { stringParser: component, pool } = scene;
    const source = { stream: [Buffer.from('line\n')], ...named };
    const session = await IngestSession.open({ component, pool, source });
    const names: (string | undefined)[] = [];
    for await (const element of session) names.push(element.sourceName);
    expect(names).toEqual([name]);
  });

  test('also where a file is split', async () => {
    const file = await scene.input('line\n'.repeat(50_000));
    const parallel = { instances: 2, boundary: 'newline', splitBytes: 30_000 } as const;
    const session = await scene.open({ source: { file }, parallel });
    let batches = 0;
    for await (const { sourceName } of session) {
      expect(sourceName).toBe(file);
      batches++;
    }
    expect(batches).toBeGreaterThan(2);
  });
});
