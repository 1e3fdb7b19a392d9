import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { encodeVector, type Vector } from '../scripts/vector-encoding.mjs';

const FOLDER = new URL('../../batch/test/vectors/v1/', import.meta.url);

const vectors = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file) => ({ file, description: JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Vector }))
  .filter(({ description }) => 'entries' in description);

test.each(vectors)('vector $file is what the encoder writes', ({ file, description }) => {
  const bytes = readFileSync(new URL(file.replace('.json', '.msgpack'), FOLDER));
  expect(Buffer.from(encodeVector(description)).equals(bytes)).toBe(true);
});
