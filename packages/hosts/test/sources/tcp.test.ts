import { once } from 'node:events';
import type { Socket } from 'node:net';
import { IngestSession, type TcpListenOptions, type TcpOptions } from '@chipmunk-host/hosts';
import { describe, expect, test } from 'vitest';
import { readAll, referenceLines, setStage } from '../support.js';
import { deliveredBy, setSockets, write } from './socket-support.js';

const stage = setStage();
const sockets = setSockets();

const openWith = (source: { tcp: TcpOptions } | { tcpListen: TcpListenOptions }) =>
  IngestSession.open({ component: stage.stringParser, pool: stage.pool, config: { lossy: true }, source });
const open = (port: number, options: Partial<TcpOptions> = {}) =>
  openWith({ tcp: { host: '127.0.0.1', port, ...options } });
const lines = (count: number) =>
  Buffer.from(Array.from({ length: count }, (_, i) => `line ${i} over the connection\n`).join(''));

/** Opens a server, and finds out where it listens. */
async function listen(options: Partial<TcpListenOptions> = {}) {
  const session = await openWith({ tcpListen: { host: '127.0.0.1', port: 0, ...options } });
  const { value } = await session.next();
  if (value?.type !== 'source') throw new Error('the first element is no notice');
  expect(value.event).toBe('listening');
  return { session, port: Number(String(value.details?.address).split(':').at(-1)) };
}

describe('a session over a TCP connection', () => {
  test.each([
    [1, 2000],
    [1024, 300_000],
    [10 * 1024 * 1024, 400_000],
  ])('has the items of the bytes that came in pieces of %d', async (pieceBytes, count) => {
    const content = lines(count);
    const port = await sockets.server((socket) => void write(socket, content, pieceBytes).then(() => socket.end()));
    const session = await open(port);
    const rows = await readAll(session);
    const expected = referenceLines(content);
    expect(rows.length).toBe(expected.length);
    const isOther = ({ offset, columns: [text] }: (typeof rows)[number], at: number) =>
      offset !== expected[at]?.offset || text !== expected[at]?.columns[0];
    expect(rows.findIndex(isOther)).toBe(-1);
    expect(session.summary).toMatchObject({ status: 'completed', bytes: content.length, skippedBytes: 0 });
  });

  test('names the server in its batches', async () => {
    const port = await sockets.server((socket) => socket.end('one\n'));
    const { texts } = await deliveredBy(await open(port));
    expect([...texts]).toEqual([[`0 tcp://127.0.0.1:${port}`, ['one']]]);
  });

  test('to a port on which nobody listens fails to open', async () => {
    const port = await sockets.server(() => {});
    await sockets.endServers();
    await expect(open(port)).rejects.toMatchObject({ code: 'ERR_SOURCE_OPEN' });
    // The worker is given back.
    expect(stage.pool.usage).toMatchObject({ inUse: 0 });
  });

  test('that is reset fails behind the items that came before', async () => {
    let reset = () => {};
    const port = await sockets.server((socket) => {
      // On Node.js 20 `resetAndDestroy` says first that nothing follows, and the other side may read that.
      reset = () => (socket as unknown as { _handle: { reset(done: () => void): void } })._handle.reset(() => {});
      socket.write('one\ntwo\nrest');
    });
    const session = await open(port);
    const texts: string[] = [];
    const read = async () => {
      for await (const batch of session.batches()) {
        for (const { text } of batch) texts.push(text);
        reset();
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 'ERR_SOURCE_READ', message: expect.stringContaining('RESET') });
    expect(texts.slice(0, 2)).toEqual(['one', 'two']);
  });

  test('from which nothing comes for the idle time fails', async () => {
    const port = await sockets.server((socket) => void socket.write('one\n'));
    const session = await open(port, { idleTimeoutMs: 50 });
    await expect(deliveredBy(session)).rejects.toMatchObject({
      code: 'ERR_SOURCE_READ',
      message: expect.stringContaining('nothing came for 50 ms'),
    });
    expect(session.summary).toMatchObject({ items: 1 });
  });

  test('that is closed while nothing comes ends, and the connection with it', async () => {
    const closed: Promise<unknown>[] = [];
    const port = await sockets.server((socket) => void closed.push(once(socket, 'close')));
    const session = await open(port);
    const next = session.next();
    await session.close();
    expect(await next).toMatchObject({ done: true });
    await Promise.all(closed);
    expect(closed.length).toBe(1);
    expect(session.summary.status).toBe('stopped');
  });
});

describe('a client that connects again', () => {
  const reconnect = { minDelayMs: 1, maxDelayMs: 5 };

  test('begins afresh with each connection: the rest of the one before is an item or skipped, and notices say so', async () => {
    // A parser without its end would join the rest with what follows.
    const served = ['a1\na2\nrest', 'b1\n', 'c1\nc2\n'];
    const port = await sockets.server((socket, client) => {
      if (served[client] === undefined) return;
      if (client === 1) socket.write(served[client] as string, () => socket.destroy());
      else socket.end(served[client]);
    });
    const session = await open(port, { reconnect });
    const { texts, notices } = await deliveredBy(session, 1, ({ notices: told }) => told.length === 6);
    const name = `tcp://127.0.0.1:${port}`;
    expect([...texts]).toEqual([
      [`0 ${name}`, ['a1', 'a2', 'rest']],
      [`1 ${name}`, ['b1']],
      [`2 ${name}`, ['c1', 'c2']],
    ]);
    expect(notices.map(({ event, number }) => `${number} ${event}`)).toEqual([
      '0 disconnected',
      '1 reconnected',
      '1 disconnected',
      '2 reconnected',
      '2 disconnected',
      '3 reconnected',
    ]);
    expect(session.summary).toMatchObject({
      notices: { disconnected: 3, reconnected: 3 },
      skippedBytes: 0,
      restarts: 0,
    });
  });

  test('gives up after as many attempts as it may make', async () => {
    const port = await sockets.server((socket) => void sockets.endServers().then(() => socket.destroy()));
    const session = await open(port, { reconnect: { ...reconnect, maxAttempts: 3 } });
    await expect(deliveredBy(session)).rejects.toMatchObject({
      code: 'ERR_SOURCE_READ',
      message: expect.stringContaining('3 attempts'),
    });
    expect(session.summary).toMatchObject({ notices: { disconnected: 1 } });
  });

  test('also counts connections that deliver nothing', async () => {
    let clients = 0;
    const port = await sockets.server((socket) => {
      clients++;
      socket.end();
    });
    const session = await open(port, { reconnect: { ...reconnect, maxAttempts: 4 } });
    await expect(deliveredBy(session)).rejects.toMatchObject({ code: 'ERR_SOURCE_READ' });
    expect(clients).toBe(5);
  });

  test('ends while it waits for its next attempt', async () => {
    const port = await sockets.server((socket) => void sockets.endServers().then(() => socket.destroy()));
    const session = await open(port, { reconnect: { minDelayMs: 3_600_000, maxDelayMs: 3_600_000 } });
    const { value } = await session.next();
    expect(value).toMatchObject({ type: 'source', event: 'disconnected' });
    await session.close();
    expect(session.summary.status).toBe('stopped');
  });
});

describe('a server', () => {
  const send = async (port: number, text: string, ends = true): Promise<Socket> => {
    const socket = await sockets.client({ port });
    socket.write(text);
    if (ends) socket.end();
    return socket;
  };

  test('reads one client after the other, each with a fresh parser, and ends behind the last', async () => {
    const { session, port } = await listen({ connections: 3 });
    const done = deliveredBy(session);
    for (const text of ['a1\nrest', 'b1\n', 'c1\nc2\n']) {
      const socket = await send(port, text);
      await once(socket.resume(), 'close');
    }
    const { texts, notices } = await done;
    expect([...texts.values()].map((all) => all.join(' ')).sort()).toEqual(['a1 rest', 'b1', 'c1 c2']);
    for (const name of texts.keys()) expect(name).toMatch(/^\d+ tcp:\/\/127\.0\.0\.1:\d+$/);
    expect(new Set(texts.keys()).size).toBe(3);
    expect(notices.map(({ event }) => event)).toEqual([
      ...['connected', 'disconnected', 'connected', 'disconnected', 'connected', 'disconnected'],
    ]);
    expect(session.summary).toMatchObject({ status: 'completed', items: 5, skippedBytes: 0 });
  });

  test('reads several at once, and never joins their bytes', async () => {
    const clients = 3;
    const { session, port } = await listen({ clients, connections: clients });
    expect(stage.pool.usage).toMatchObject({ inUse: clients + 1 });
    const senders = await Promise.all(Array.from({ length: clients }, () => sockets.client({ port })));
    const done = deliveredBy(session, clients);
    for (let line = 0; line < 200; line++)
      for (const [client, socket] of senders.entries()) {
        socket.write(`client ${client} `);
        socket.write(`line ${line}\n`);
        if (line % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    for (const socket of senders) socket.end();
    const { texts } = await done;
    expect(texts.size).toBe(clients);
    const all = [...texts.values()].sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
    expect(all).toEqual(
      senders.map((_, client) => Array.from({ length: 200 }, (_, line) => `client ${client} line ${line}`)),
    );
    expect(session.summary).toMatchObject({ status: 'completed', items: clients * 200, skippedBytes: 0 });
  });

  test('has further clients wait until one leaves', async () => {
    const { session, port } = await listen({ connections: 2 });
    const first = await send(port, 'first\n', false);
    const second = await send(port, 'second\n');
    const { texts } = await deliveredBy(session, 1, (_, element) => {
      if (element.type === 'batch') first.end();
      return false;
    });
    second.destroy();
    expect([...texts.values()]).toEqual([['first'], ['second']]);
  });

  test('on a port that is taken fails to open', async () => {
    const port = await sockets.server(() => {});
    await expect(openWith({ tcpListen: { host: '127.0.0.1', port } })).rejects.toMatchObject({
      code: 'ERR_SOURCE_OPEN',
    });
  });

  test('that is closed leaves its clients, also those that wait', async () => {
    const { session, port } = await listen();
    const clients = [await send(port, 'first\n', false), await send(port, 'second\n', false)];
    const closed = clients.map((socket) => new Promise((resolve) => socket.resume().once('close', resolve)));
    await session.close();
    await Promise.all(closed);
    await expect(sockets.client({ port })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('cannot count the items of several clients', async () => {
    const source = { tcpListen: { host: '127.0.0.1', port: 0, clients: 2 } };
    const opened = IngestSession.open({
      component: stage.stringParser,
      pool: stage.pool,
      source,
      select: { limit: 1 },
    });
    await expect(opened).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
  });
});
