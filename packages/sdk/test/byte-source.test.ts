import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { buildPlugin } from '#index.js';
import { type ByteSourceExports, loadByteSource, type PluginInstance } from '#testing/index.js';

const entry = fileURLToPath(new URL('assembly/source.ts', import.meta.url));
let component: Uint8Array;

beforeAll(async () => {
  ({ component } = await buildPlugin({ kind: 'bytesource', entry, name: 'source' }));
});

async function started(ending: string): Promise<PluginInstance<ByteSourceExports>> {
  const source = await loadByteSource(component);
  source.exports.init({ logLevel: 'debug' }, [{ id: 'ending', value: { tag: 'text', val: ending } }]);
  return source;
}

test('delivers bytes until there are no more', async () => {
  const { exports, log } = await started('');
  expect(exports.getVersion()).toEqual({ major: 0, minor: 0, patch: 1 });
  expect(exports.getConfigSchemas()).toHaveLength(1);
  expect(log).toEqual([{ level: 'debug', message: 'ready' }]);
  expect(exports.read(100_000n)).toEqual(new Uint8Array(100_000).fill(120));
  expect(exports.read(10n)).toEqual(Uint8Array.of(7, 7, 7));
  expect(Buffer.from(exports.read(10n)).toString()).toBe('ä\ufffd');
  expect(exports.read(10n)).toHaveLength(0);
});

test.each([
  ['io', 'no disk'],
  ['unsupported', 'no way'],
  ['other', 'no idea'],
])('fails with %s', async (tag, val) => {
  const { exports } = await started(tag);
  for (let i = 0; i < 3; i++) exports.read(1n);
  expect(() => exports.read(1n)).toThrow(expect.objectContaining({ tag, val }));
});
