import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { encodeVector } from '../scripts/vector-encoding.mjs';

const FOLDER = new URL('../../batch/test/vectors/v2/', import.meta.url);
const names = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));

test.each(names)('vector %s is what the encoder writes', (name) => {
  const bytes = readFileSync(new URL(name.replace('.json', '.msgpack'), FOLDER));
  const description = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as object;
  expect(Buffer.from(encodeVector(description)).equals(bytes)).toBe(true);
});
