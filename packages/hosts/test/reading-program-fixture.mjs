// Reads the file that it is given through the string parser, and prints what came of it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createParserPool, IngestSession } from '@chipmunk-host/hosts';
import { compile } from '@chipmunk-host/runtime';

const [file, instances, fileSource] = process.argv.slice(2);
const stringParser = createRequire(import.meta.url).resolve('@chipmunk-host/string-parser/string-parser.wasm');
const pool = createParserPool();
const source =
  fileSource === undefined
    ? { file }
    : { component: await compile(readFileSync(fileSource)), config: { 'input-path': [file] } };
const session = await IngestSession.open({
  component: await compile(readFileSync(stringParser)),
  pool,
  source,
  parallel: { instances: Number(instances), boundary: 'newline', splitBytes: 1_000_000 },
});
let last = '';
let error;
try {
  for await (const batch of session.batches()) for (const item of batch) last = item.text;
} catch (thrown) {
  error = { code: thrown.code, message: thrown.message };
}
const { items, bytes, status, restarts } = session.summary;
await pool.close();
console.log(JSON.stringify({ status, items, bytes, restarts, last, error }));
