/**
 * The program of a worker that runs one parser instance. Spawned by main/parser-host.ts through the worker pool, once for
 * each session; it returns when the main thread calls `close`, and the worker is then free for the next instance.
 */
import { mkdirSync } from 'node:fs';
import { type InstanceTask, RingWriter, serveControl } from '@chipmunk-host/runtime/worker';
import { createParserRoom } from '../api/rooms.js';
import type { ParserControl, ParserEvent, ParserPayload, RunOutcome, RunRequest } from '../shared/messages.js';
import { FileSource } from './file-source.js';
import { LogBuffer } from './log-buffer.js';
import type { ParserRoom } from './parser-room.js';
import { produce } from './producer-loop.js';

export default function runParser({ controlPort, eventPort, payload }: InstanceTask<ParserPayload>): Promise<void> {
  const post = (event: ParserEvent) => eventPort.postMessage(event);
  const logs = new LogBuffer(payload.logLevel, (records, dropped) => post({ kind: 'log', records, dropped }));
  const ring = new RingWriter(payload.ring);
  let plugin: ParserRoom | undefined;

  return new Promise((closed) => {
    const control: ParserControl = {
      async open() {
        plugin = await createParserRoom(
          payload.apiVersion,
          payload.component,
          payload.ring,
          { log: (level, message) => logs.add(level, message), tempDirectory: createTempDirectory },
          payload.options,
        );
        return withLogs(plugin, (opened) => opened.info());
      },
      init: (config) => withLogs(requirePlugin(), (opened) => opened.init(config, payload.logLevel)),
      async run(request) {
        try {
          return await run(requirePlugin(), request);
        } finally {
          logs.flush();
          ring.close();
        }
      },
      close() {
        logs.flush();
        // The answer to this call is posted in this turn; the ports are closed in the next.
        setImmediate(() => {
          controlPort.close();
          eventPort.close();
          closed();
        });
      },
    };
    serveControl(controlPort, control);
  });

  async function run(opened: ParserRoom, { source: { file }, window }: RunRequest): Promise<RunOutcome> {
    const source = new FileSource(file);
    try {
      post({ kind: 'source-opened', totalBytes: source.size });
      return await produce({ plugin: opened, source, ring, window, onTurn: () => logs.flush() });
    } finally {
      source.close();
    }
  }

  function withLogs<Result>(opened: ParserRoom, action: (opened: ParserRoom) => Result): Result {
    try {
      return action(opened);
    } finally {
      logs.flush();
    }
  }

  function requirePlugin(): ParserRoom {
    if (plugin === undefined) throw new Error('The control call came before `open`.');
    return plugin;
  }

  function createTempDirectory(): string {
    mkdirSync(payload.tempDirectory, { recursive: true, mode: 0o700 });
    return payload.tempDirectory;
  }
}
