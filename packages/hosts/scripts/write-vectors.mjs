// Writes NAME.msgpack for each NAME.json of packages/batch/test/vectors/v2. To be run after a build, when a description was added or the
// format got a new version; otherwise the bytes must not change.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeVector } from './vector-encoding.mjs';

const vectors = join(dirname(fileURLToPath(import.meta.url)), '../../batch/test/vectors/v2');
for (const file of readdirSync(vectors).filter((name) => name.endsWith('.json'))) {
  const description = JSON.parse(readFileSync(join(vectors, file), 'utf8'));
  writeFileSync(join(vectors, file.replace(/\.json$/, '.msgpack')), encodeVector(description));
}
