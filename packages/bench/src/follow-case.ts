/** A file that is followed, to the end that it has, beside a session over the same file that is not. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { IngestSession, type SourceOptions } from '@chipmunk-host/hosts';
import { STRING_PARSER_WINDOW_BYTES } from './bench-plugins.js';
import { logText } from './log-text.js';
import type { SourceStage } from './source-stage.js';
import { type OpenedSuite, throughput } from './suite.js';

const MEBIBYTES = 512;

export async function followCase({ component, pool, directory }: SourceStage): Promise<OpenedSuite> {
  const path = join(directory, 'followed.log');
  const mebibyte = logText(1024 * 1024);
  const size = mebibyte.length * MEBIBYTES;
  const file = await open(path, 'w');
  for (let written = 0; written < MEBIBYTES; written++) await file.write(mebibyte);
  await file.close();
  const window = { bytes: STRING_PARSER_WINDOW_BYTES };
  const read = async (source: SourceOptions) => {
    await using session = await IngestSession.open({ component, pool, source, window });
    for await (const { offset, consumedBytes } of session) if (offset + consumedBytes === size) break;
    return `${session.summary.bytes} bytes`;
  };
  return {
    cases: [
      {
        name: 'follow',
        ...throughput(size),
        ours: { name: 'session over a followed file, items counted', run: () => read({ follow: { file: path } }) },
        baseline: { name: 'session over the same file', run: () => read({ file: path }) },
      },
    ],
    async close() {},
  };
}
