// Follows a log into a table of DuckDB, by Arrow, until it is interrupted. Then says how many lines begin with each word, and keeps the table.
//
//   npm install @duckdb/node-api apache-arrow
//   node examples/tail-to-duckdb.mjs trace.log trace.duckdb
import { resolve } from 'node:path';
import { PluginsManager } from '@chipmunk-host/manager';
import { BIGINT, DuckDBDataChunk, DuckDBInstance, UINTEGER, VARCHAR } from '@duckdb/node-api';
import { tableFromIPC } from 'apache-arrow';

const [log, file] = process.argv.slice(2);
/** Rows that DuckDB takes at once. */
const CHUNK_ROWS = 2048;
const TYPES = [BIGINT, UINTEGER, VARCHAR];

const database = await DuckDBInstance.create(file);
const connection = await database.connect();
await connection.run('CREATE OR REPLACE TABLE items ("offset" BIGINT, length UINTEGER, text VARCHAR)');

const manager = await PluginsManager.open({ load: 'lazy' });
const session = await manager.ingest({
  source: {
    plugin: 'file-source',
    config: { 'input-path': [resolve(log)] },
    follow: { maxEmptyReads: Number.POSITIVE_INFINITY },
  },
  parser: { plugin: 'string-parser' },
});
const elements = session.encoded('arrow', { fields: ['offset', 'length', 'text'] });
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => session.close());

let rows = 0;
let schema;
for await (const element of elements) {
  if (element.type !== 'encoded') continue;
  // The first one is the schema. With it, each other one can be read by itself, as soon as it is there.
  const bytes = Uint8Array.from(element.bytes);
  schema ??= bytes;
  if (element.count === 0) continue;
  const table = tableFromIPC([schema, bytes]);
  await append(table);
  rows += table.numRows;
  console.log(`${rows} rows`);
}
await manager.close();

const words = await connection.runAndReadAll(
  "SELECT split_part(text, ' ', 1) AS word, count(*)::INTEGER AS lines FROM items GROUP BY word ORDER BY lines DESC, word LIMIT 10",
);
for (const { word, lines } of words.getRowObjects()) console.log(`${word}: ${lines}`);
connection.closeSync();
database.closeSync();

async function append(table) {
  const appender = await connection.createAppender('items');
  for (let from = 0; from < table.numRows; from += CHUNK_ROWS) {
    const part = table.slice(from, from + CHUNK_ROWS);
    const chunk = DuckDBDataChunk.create(TYPES, part.numRows);
    chunk.setColumns(TYPES.map((_, column) => [...part.getChildAt(column)]));
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}
