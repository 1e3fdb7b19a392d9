import { join } from 'node:path';
import type { StreamRecord } from '@chipmunk-host/hosts';
import { type CompiledComponent, compile } from '@chipmunk-host/runtime';
import { buildPlugin } from '@chipmunk-host/sdk';
import { beforeAll, describe, expect, test } from 'vitest';
import { setStage } from '../support.js';

const stage = setStage();
let faulty: CompiledComponent;
beforeAll(async () => {
  const { component } = await buildPlugin({
    kind: 'parser',
    name: 'faulty-lines',
    entry: join(import.meta.dirname, 'faulty-lines.ts'),
    names: true,
  });
  faulty = await compile(component);
});

async function ingest(content: string, options: object = {}) {
  const texts: string[] = [];
  const records: StreamRecord[] = [];
  const session = await stage.open({
    component: faulty,
    plugin: 'faulty',
    source: { file: await stage.input(content) },
    ...options,
  });
  let error: unknown;
  try {
    for await (const batch of session) {
      if (batch.record !== undefined) records.push(batch.record);
      for (const { text } of batch) texts.push(text);
    }
  } catch (thrown) {
    error = thrown;
  }
  return { texts, records, error, summary: session.summary };
}

describe('a plugin that fails on one line', () => {
  test.each([
    ['trap', 'ERR_PLUGIN_TRAP'],
    ['bounds', 'ERR_PLUGIN_TRAP'],
    ['divide', 'ERR_PLUGIN_TRAP'],
    ['recurse', 'ERR_PLUGIN_TRAP'],
    ['pointer', 'ERR_PLUGIN_CONTRACT'],
    ['utf8', 'ERR_PLUGIN_CONTRACT'],
    ['consumed', 'ERR_PLUGIN_CONTRACT'],
    ['loop', 'ERR_PLUGIN_TIMEOUT'],
  ])('%s: a gap of that line, everything else delivered', async (kind, code) => {
    const content = `first\nsecond\n!${kind}\nfourth\nlast`;
    const options = { deadlineMs: kind === 'loop' ? 100 : 10_000 };
    const { texts, records, error, summary } = await ingest(content, options);
    expect(error).toBeUndefined();
    expect(texts).toEqual(['first', 'second', 'fourth', 'last']);
    const gaps = records.filter(({ type }) => type === 'gap');
    expect(gaps).toMatchObject([{ offset: 13, length: kind.length + 2, error: { code } }]);
    expect(summary).toMatchObject({ status: 'completed', bytes: content.length, gaps: 1, gapBytes: kind.length + 2 });
  });
});
