// Reads the capture on its standard input through the string parser, and prints each line and notice as it comes.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createParserPool, IngestSession } from '@chipmunk-host/hosts';
import { compile } from '@chipmunk-host/runtime';

const stringParser = createRequire(import.meta.url).resolve('@chipmunk-host/string-parser/string-parser.wasm');
const pool = createParserPool();
try {
  const session = await IngestSession.open({
    component: await compile(readFileSync(stringParser)),
    pool,
    source: { pcap: { file: '-' } },
  });
  for await (const element of session) {
    if (element.type === 'source') console.log(`! ${element.event}`);
    else if (element.type === 'batch') for (const { text } of element) console.log(text);
  }
  console.log(`${session.summary.status}, ${session.summary.bytes} bytes`);
} catch ({ code, message }) {
  console.log(`${code}: ${message}`);
}
await pool.close();
