/** What comes over a connection has the items of the same bytes in a file, whatever the parser and however it is written. */
import { createHash } from 'node:crypto';
import { IngestSession, type SourceOptions } from '@chipmunk-host/hosts';
import type { CompiledComponent } from '@chipmunk-host/runtime';
import { buildJoiner, keptPlugin } from '@chipmunk-host/test-plugins';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileKept, setStage } from '../support.js';
import { setSockets, write } from './socket-support.js';

/** Lines with their numbers, counted from the first that the instance was given. */
const NUMBERED = `
  import { Config, InitError, Input, Items, Parser, Version } from '@chipmunk-host/sdk/assembly';

  class Numbered extends Parser {
    private lines: i32 = 0;

    version(): Version {
      return new Version(1, 0, 0);
    }

    init(config: Config): InitError | null {
      return null;
    }

    parse(input: Input, out: Items): void {
      let line = input.start;
      for (let at = line; at < input.end && !out.full; at++) {
        if (load<u8>(at) != 10) continue;
        this.lines++;
        const text = String.UTF8.decodeUnsafe(line, at - line);
        out.columns([this.lines.toString(), text], at + 1 - line);
        line = at + 1;
      }
      if (line == input.start) out.incomplete();
    }
  }

  export function create(): Parser {
    return new Numbered();
  }
`;

const stage = setStage();
const sockets = setSockets();
const parsers = {} as Record<'lines' | 'columns' | 'stateful', CompiledComponent>;
beforeAll(async () => {
  parsers.lines = stage.stringParser;
  parsers.columns = await compileKept(await buildJoiner());
  parsers.stateful = await compileKept(await keptPlugin({ kind: 'parser', name: 'numbered', source: NUMBERED }));
});

/** Of all items, with their places and columns. */
async function digestOf(parser: keyof typeof parsers, source: SourceOptions) {
  const session = await IngestSession.open({ component: parsers[parser], pool: stage.pool, source });
  const hash = createHash('sha1');
  for await (const element of session.encoded('ndjson')) if (element.type === 'encoded') hash.update(element.bytes);
  const { items, bytes, skippedBytes, status } = session.summary;
  return { items, bytes, skippedBytes, status, digest: hash.digest('hex') };
}

const content = (lineCount: number) =>
  Buffer.from(Array.from({ length: lineCount }, (_, at) => `${at}\tsecond é\tthird ${at % 7}\n`).join(''));

/** How the bytes come to a session, in pieces of so many: begins to send, and says what the session reads. */
const ways: Record<string, (bytes: Uint8Array, pieceBytes: number) => Promise<SourceOptions>> = {
  async tcp(bytes, pieceBytes) {
    const port = await sockets.server((socket) => void write(socket, bytes, pieceBytes).then(() => socket.end()));
    return { tcp: { host: '127.0.0.1', port } };
  },
  async unix(bytes, pieceBytes) {
    const path = `${stage.directory}/${Math.random()}.sock`;
    await sockets.server((socket) => void write(socket, bytes, pieceBytes).then(() => socket.end()), { path });
    return { unix: { path } };
  },
  async 'unix server'(bytes, pieceBytes) {
    const path = `${stage.directory}/${Math.random()}.sock`;
    const send = async () => {
      for (;;) {
        const socket = await sockets.client({ path }).catch(() => undefined);
        if (socket === undefined) continue;
        await write(socket, bytes, pieceBytes);
        socket.end();
        return;
      }
    };
    void send();
    return { unixListen: { path, connections: 1 } };
  },
};

describe.each(Object.keys(ways))('over %s', (way) => {
  test.each([
    [1, 100],
    [1024, 20_000],
    [10 * 1024 * 1024, 400_000],
  ])('in pieces of %d bytes', async (pieceBytes, lineCount) => {
    const bytes = content(lineCount);
    const file = await stage.input(bytes);
    for (const parser of ['lines', 'columns', 'stateful'] as const) {
      const expected = await digestOf(parser, { file });
      expect(expected).toMatchObject({ items: lineCount, skippedBytes: 0, status: 'completed' });
      expect(await digestOf(parser, await (ways[way] as (typeof ways)[string])(bytes, pieceBytes))).toEqual(expected);
    }
  });
});

test('a parser with state begins afresh with each connection', async () => {
  const port = await sockets.server((socket, client) => {
    if (client < 3) socket.end('one\ntwo\nrest');
  });
  const reconnect = { minDelayMs: 1, maxDelayMs: 2 };
  const source = { tcp: { host: '127.0.0.1', port, reconnect } };
  const session = await IngestSession.open({ component: parsers.stateful, pool: stage.pool, source });
  const got: string[] = [];
  let connections = 0;
  for await (const element of session) {
    if (element.type === 'batch')
      for (const { columns } of element) got.push(`${element.source}: ${columns.join(' ')}`);
    if (element.type === 'source' && element.event === 'reconnected' && ++connections === 3) break;
  }
  expect(got).toEqual([0, 1, 2].flatMap((number) => [`${number}: 1 one`, `${number}: 2 two`]));
  // What each connection has left is in no item.
  expect(session.summary).toMatchObject({ skippedBytes: 3 * 'rest'.length });
});
