import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Spool, searchSpool } from '#index.js';
import { plainSearch, randomBatch, randomQuery, seeded, textsOf } from './search-cases.js';

const SEED = Number(process.env.SEARCH_SEED ?? 1);
const CASES = Number(process.env.SEARCH_CASES ?? 400);
/** Queries that share a pass. */
const QUERIES = 20;

let root = '';
let counter = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'spool-search-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));
const newDirectory = () => join(root, `spool-${counter++}`);

const STARTS = Array.from({ length: Math.ceil(CASES / QUERIES) }, (_, index) => SEED * 1_000_000 + index);

test.each(STARTS)('random queries find what a plain search after decoding finds: %i', async (seed) => {
  const random = seeded(seed);
  const directory = newDirectory();
  let offset = 0;
  const batches = Array.from({ length: 1 + Math.floor(random() * 12) }, () => {
    const batch = randomBatch(random, offset);
    offset += 1000;
    return batch;
  });
  const writer = await Spool.create(directory, { segmentBytes: 64 * 1024 });
  for (const batch of batches) await writer.append(batch);
  await writer.close();
  const texts = textsOf(batches);
  const queries = Array.from({ length: QUERIES }, () => randomQuery(random, texts));
  await using reader = await Spool.open(directory);
  const search = await searchSpool(reader, queries);
  const { hits, rows, isComplete, damage } = await search.ended;
  expect({ rows, isComplete, damage }).toEqual({ rows: reader.endRow, isComplete: true, damage: [] });
  for (const [index, query] of queries.entries()) {
    const expected = plainSearch(batches, query);
    const about = JSON.stringify({ seed, query }).slice(0, 500);
    expect([...(search.rows[index] ?? [])], about).toEqual(expected);
    expect(hits[index], about).toBe(expected.length);
  }
  const any: number[] = [];
  for await (const found of search.hitsOfAny()) any.push(...found);
  const all = new Set(queries.flatMap((query) => plainSearch(batches, query)));
  expect(any).toEqual([...all].sort((a, b) => a - b));
  await rm(directory, { recursive: true });
});
