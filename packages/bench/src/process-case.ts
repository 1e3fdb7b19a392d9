/** A command as a source, beside a bare child process whose output is counted. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { IngestSession } from '@chipmunk-host/hosts';
import { STRING_PARSER_WINDOW_BYTES } from './bench-plugins.js';
import { logText } from './log-text.js';
import type { SourceStage } from './source-stage.js';
import { type OpenedSuite, throughput } from './suite.js';

const MEBIBYTES = 512;

export async function processCase({ component, pool, directory }: SourceStage): Promise<OpenedSuite> {
  const path = join(directory, 'process.log');
  const mebibyte = logText(1024 * 1024);
  const file = await open(path, 'w');
  for (let written = 0; written < MEBIBYTES; written++) await file.write(mebibyte);
  await file.close();
  const command = ['cat', path] as const;
  const window = { bytes: STRING_PARSER_WINDOW_BYTES };
  return {
    cases: [
      {
        name: 'process',
        ...throughput(mebibyte.length * MEBIBYTES),
        ours: {
          name: 'session over a command, items counted',
          async run() {
            const session = await IngestSession.open({ component, pool, source: { process: { command } }, window });
            for await (const _ of session);
            return `${session.summary.bytes} bytes`;
          },
        },
        baseline: {
          name: 'bare child process, bytes counted',
          async run() {
            let bytes = 0;
            const [name, ...words] = command;
            const child = spawn(name, words, { stdio: ['ignore', 'pipe', 'inherit'] });
            child.stdout.on('data', (chunk: Buffer) => {
              bytes += chunk.length;
            });
            await once(child, 'close');
            return `${bytes} bytes`;
          },
        },
      },
    ],
    async close() {},
  };
}
