/** Connections as sources, with the sender in another process: a session beside a bare socket that only counts bytes. */
import { once } from 'node:events';
import { connect, type NetConnectOpts } from 'node:net';
import { join } from 'node:path';
import { IngestSession, type SourceOptions } from '@chipmunk-host/hosts';
import { STRING_PARSER_WINDOW_BYTES } from './bench-plugins.js';
import { logText } from './log-text.js';
import { SenderProcess } from './sender-process.js';
import type { SourceStage } from './source-stage.js';
import { type Case, type OpenedSuite, throughput } from './suite.js';

const MEBIBYTES = 512;

export async function socketCases(stage: SourceStage): Promise<OpenedSuite> {
  const tcp = await SenderProcess.start('bulk', MEBIBYTES);
  const unix = await SenderProcess.start('bulk', MEBIBYTES, join(stage.directory, 'bench.sock'));
  const { port, where: path } = { port: tcp.port, where: unix.where };
  return {
    cases: [
      socketCase(stage, 'tcp', { tcp: { host: '127.0.0.1', port } }, { host: '127.0.0.1', port }),
      socketCase(stage, 'unix', { unix: { path } }, { path }),
    ],
    async close() {
      await Promise.all([tcp.close(), unix.close()]);
    },
  };
}

function socketCase({ component, pool }: SourceStage, name: string, source: SourceOptions, to: NetConnectOpts): Case {
  const window = { bytes: STRING_PARSER_WINDOW_BYTES };
  return {
    name,
    ...throughput(logText(1024 * 1024).length * MEBIBYTES),
    ours: {
      name: 'session, items counted',
      async run() {
        const began = process.cpuUsage();
        const session = await IngestSession.open({ component, pool, source, window });
        for await (const _ of session);
        const { bytes } = session.summary;
        const { parser } = session.metrics();
        const { user, system } = process.cpuUsage(began);
        return {
          digest: `${bytes} bytes`,
          details: { processCpuMs: (user + system) / 1000, parserCpuMs: parser.workerCpuMs ?? Number.NaN },
        };
      },
    },
    baseline: {
      name: 'bare socket, bytes counted',
      async run() {
        let bytes = 0;
        const socket = connect(to).on('data', (chunk) => {
          bytes += chunk.length;
        });
        await once(socket, 'close');
        return `${bytes} bytes`;
      },
    },
  };
}
