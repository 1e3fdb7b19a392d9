/**
 * What somebody writes who needs a log as ndjson and has Node alone: reads the lines of the file that is named, and writes what
 * `chipmunk-host ingest --format ndjson` writes for lines that end with LF. As fast as such a script can be: it writes many lines at once.
 */
import { createReadStream, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

const CHUNK_CHARACTERS = 64 * 1024;

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('Name the file to read.');
let offset = 0;
let chunk = '';
createInterface({ input: createReadStream(file, { highWaterMark: 1024 * 1024 }), crlfDelay: Number.POSITIVE_INFINITY })
  .on('line', (text) => {
    const length = Buffer.byteLength(text) + 1;
    chunk += `${JSON.stringify({ offset, length, text })}\n`;
    offset += length;
    if (chunk.length >= CHUNK_CHARACTERS) flush();
  })
  .on('close', flush);

function flush(): void {
  const bytes = Buffer.from(chunk);
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
  chunk = '';
}
