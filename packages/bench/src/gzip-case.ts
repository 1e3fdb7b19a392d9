/** A compressed file as a source, beside zlib alone, which decompresses the same file and counts what comes out. */
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { IngestSession } from '@chipmunk-host/hosts';
import { STRING_PARSER_WINDOW_BYTES } from './bench-plugins.js';
import { logText } from './log-text.js';
import type { SourceStage } from './source-stage.js';
import { type OpenedSuite, throughput } from './suite.js';

const PART_BYTES = 16 * 1024 * 1024;
const PARTS = 16;
/** Of what zlib is given and gives at once. */
const CHUNK_BYTES = 256 * 1024;

export async function gzipCase({ component, pool, directory }: SourceStage): Promise<OpenedSuite> {
  const path = join(directory, 'compressed.log.gz');
  const part = logText(PART_BYTES);
  await pipeline(Readable.from(Array.from({ length: PARTS }, () => part)), createGzip(), createWriteStream(path));
  const window = { bytes: STRING_PARSER_WINDOW_BYTES };
  return {
    cases: [
      {
        name: 'gzip',
        ...throughput(part.length * PARTS),
        ours: {
          name: 'session over a compressed file, items counted',
          async run() {
            const session = await IngestSession.open({ component, pool, source: { file: path }, window });
            for await (const _ of session);
            return `${session.summary.bytes} bytes`;
          },
        },
        baseline: {
          name: 'zlib alone',
          async run() {
            let bytes = 0;
            const decompressed = createGunzip({ chunkSize: CHUNK_BYTES });
            decompressed.on('data', (chunk: Buffer) => {
              bytes += chunk.length;
            });
            await pipeline(createReadStream(path, { highWaterMark: CHUNK_BYTES }), decompressed);
            return `${bytes} bytes`;
          },
        },
      },
    ],
    async close() {},
  };
}
