/** The committed components are those that the manifest describes. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INTEROP_PLUGINS, interopPlugin } from '@chipmunk-host/compat';
import { expect, test } from 'vitest';

const FOLDER = join(import.meta.dirname, '..', 'components', 'wasm');

interface Entry {
  readonly sha256: string;
  readonly bytes: number;
  readonly tools: Readonly<Record<string, string>>;
}

test('every component has the hash and the size that were noted when it was built', () => {
  const manifest = JSON.parse(readFileSync(join(FOLDER, 'manifest.json'), 'utf8')) as Record<string, Entry>;
  expect(Object.keys(manifest)).toEqual([...INTEROP_PLUGINS].sort());
  for (const name of INTEROP_PLUGINS) {
    const bytes = readFileSync(interopPlugin(name));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect({ name, sha256, bytes: bytes.length }).toEqual({
      name,
      sha256: manifest[name]?.sha256,
      bytes: manifest[name]?.bytes,
    });
    expect(Object.values(manifest[name]?.tools ?? {}).length).toBeGreaterThan(0);
  }
});

test('there is no component that is not named', () => {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.wasm'));
  expect(names.sort()).toEqual(INTEROP_PLUGINS.map((name) => `${name}.wasm`).sort());
});
