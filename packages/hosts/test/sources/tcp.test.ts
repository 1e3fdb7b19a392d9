import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { IngestSession } from '@chipmunk-host/hosts';
import { afterEach, describe, expect, test } from 'vitest';
import { readAll, referenceLines, setStage } from '../support.js';

const stage = setStage();
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server whose clients get what `serve` writes. Returns its port. */
async function serverOf(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer(serve).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const open = (port: number) =>
  IngestSession.open({
    component: stage.stringParser,
    pool: stage.pool,
    config: { lossy: true },
    source: { tcp: { host: '127.0.0.1', port } },
  });
const lines = (count: number) =>
  Buffer.from(Array.from({ length: count }, (_, i) => `line ${i} over the connection\n`).join(''));

/** Writes it in pieces, as fast as they are taken, and ends. */
async function send(socket: Socket, content: Uint8Array, pieceBytes: number): Promise<void> {
  for (let at = 0; at < content.length; at += pieceBytes)
    if (!socket.write(content.subarray(at, at + pieceBytes))) await once(socket, 'drain');
  socket.end();
}

describe('a session over a TCP connection', () => {
  test.each([
    [1, 2000],
    [1024, 300_000],
    [10 * 1024 * 1024, 400_000],
  ])('has the items of the bytes that came in pieces of %d', async (pieceBytes, count) => {
    const content = lines(count);
    const port = await serverOf((socket) => void send(socket, content, pieceBytes));
    const session = await open(port);
    const rows = await readAll(session);
    const expected = referenceLines(content);
    expect(rows.length).toBe(expected.length);
    expect(
      rows.findIndex(
        ({ offset, columns: [text] }, at) => offset !== expected[at]?.offset || text !== expected[at]?.columns[0],
      ),
    ).toBe(-1);
    expect(session.summary).toMatchObject({ status: 'completed', bytes: content.length, skippedBytes: 0 });
  });

  test('names the server in its batches', async () => {
    const port = await serverOf((socket) => socket.end('one\n'));
    const session = await open(port);
    const names: (string | undefined)[] = [];
    for await (const batch of session.batches()) names.push(batch.sourceName);
    expect(names).toEqual([`tcp://127.0.0.1:${port}`]);
  });

  test('to a port on which nobody listens fails to open', async () => {
    const port = await serverOf(() => {});
    servers.splice(0)[0]?.close();
    await expect(open(port)).rejects.toMatchObject({ code: 'ERR_SOURCE_OPEN' });
    // The worker is given back.
    expect(stage.pool.usage).toMatchObject({ inUse: 0 });
  });

  test('that is closed while nothing comes ends, and the connection with it', async () => {
    const closed: Promise<unknown>[] = [];
    const port = await serverOf((socket) => void closed.push(once(socket, 'close')));
    const session = await open(port);
    const next = session.next();
    await session.close();
    expect(await next).toMatchObject({ done: true });
    await Promise.all(closed);
    expect(closed.length).toBe(1);
    expect(session.summary.status).toBe('stopped');
  });
});
