/** Sessions over datagrams: real sockets, with more than they can take. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { type IngestOptions, IngestSession, type SourceNotice } from '@chipmunk-host/hosts';
import type { CompiledComponent } from '@chipmunk-host/runtime';
import { keptPlugin } from '@chipmunk-host/test-plugins';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { compileKept, setStage } from '../support.js';

/** Makes one item of all that one call gets. */
const WHOLE = `
  import { Config, InitError, Input, Items, Parser, Version } from '@chipmunk-host/sdk/assembly';

  class Whole extends Parser {
    version(): Version {
      return new Version(1, 0, 0);
    }

    init(config: Config): InitError | null {
      return null;
    }

    parse(input: Input, out: Items): void {
      const length = input.end - input.start;
      out.line(input.start, min<usize>(length, 8), length);
    }
  }

  export function create(): Parser {
    return new Whole();
  }
`;

const stage = setStage();
let whole: CompiledComponent;
beforeAll(async () => {
  whole = await compileKept(await keptPlugin({ kind: 'parser', name: 'whole', source: WHOLE }));
});

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

type Udp = Extract<IngestOptions['source'], { udp: unknown }>['udp'];
const open = (udp: Udp, options: Partial<IngestOptions> = {}) =>
  IngestSession.open({ component: whole, pool: stage.pool, source: { udp }, ...options });

async function sender(): Promise<Socket> {
  const socket = createSocket('udp4');
  sockets.push(socket);
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket;
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

const send = (from: Socket, bytes: Uint8Array, port: number, address = '127.0.0.1') =>
  new Promise<void>((resolve, reject) => {
    from.send(bytes, port, address, (error) => (error === null ? resolve() : reject(error)));
  });

interface Received {
  readonly items: { readonly text: string; readonly length: number }[];
  readonly notices: SourceNotice[];
}

/** Reads until `enough` says so, and stops the session then. */
async function receive(session: IngestSession, enough: (received: Received) => boolean): Promise<Received> {
  const received: Received = { items: [], notices: [] };
  for await (const element of session) {
    if (element.type === 'source') received.notices.push(element);
    if (element.type === 'batch') for (const { text, length } of element) received.items.push({ text, length });
    if (enough(received)) session.stop();
  }
  return received;
}

const droppedOf = ({ notices }: Received) =>
  notices.reduce((sum, { event, count }) => sum + (event === 'dropped' ? (count ?? 0) : 0), 0);

describe('a session over UDP', () => {
  test('gives its parser each datagram as a whole', async () => {
    const port = await freePort();
    const session = await open({ port, address: '127.0.0.1' });
    const from = await sender();
    const lengths = [1, 2, 100, 1400, 9000, 65_507, 3, 40_000, 1];
    for (const [index, length] of lengths.entries()) await send(from, Buffer.alloc(length, 65 + index), port);
    const { items, notices } = await receive(session, ({ items: { length } }) => length === lengths.length);
    expect(items.map(({ length }) => length)).toEqual(lengths);
    expect(items.map(({ text }) => text[0])).toEqual(lengths.map((_, index) => String.fromCharCode(65 + index)));
    expect(notices.map(({ event }) => event).filter((event) => event !== 'drops-unknown')).toEqual(['listening']);
    expect(session.summary).toMatchObject({ status: 'completed', inputStopped: true });
  });

  test('has the lines of datagrams, and names its port', async () => {
    const port = await freePort();
    const session = await open({ port, address: '127.0.0.1' }, { component: stage.stringParser });
    const from = await sender();
    for (let i = 0; i < 300; i++) await send(from, Buffer.from(`line ${i}\n`), port);
    const names = new Set<string | undefined>();
    const texts: string[] = [];
    for await (const batch of session.batches()) {
      names.add(batch.sourceName);
      for (const { text } of batch) texts.push(text);
      if (texts.length === 300) session.stop();
    }
    expect(texts).toEqual(Array.from({ length: 300 }, (_, i) => `line ${i}`));
    expect([...names]).toEqual([`udp://127.0.0.1:${port}`]);
  });

  test('joins several groups, each on its interface', async () => {
    const port = await freePort();
    const groups = ['239.255.42.98', '239.255.42.99'].map((address) => ({ address, interface: '127.0.0.1' }));
    const session = await open({ port, groups });
    const from = await sender();
    from.setMulticastInterface('127.0.0.1');
    await send(from, Buffer.from('first'), port, '239.255.42.98');
    await send(from, Buffer.from('second'), port, '239.255.42.99');
    const { items } = await receive(session, ({ items: { length } }) => length === 2);
    expect(items.map(({ text }) => text)).toEqual(['first', 'second']);
  });

  test.runIf(process.platform === 'linux')('says how many datagrams it lost while it was paused', async () => {
    const port = await freePort();
    const session = await open({ port, address: '127.0.0.1' });
    session.pause();
    const from = await sender();
    const sent = 600;
    for (let i = 0; i < sent; i++) await send(from, Buffer.alloc(60_000, i), port);
    session.resume();
    // Whoever sends on tells those that were lost from those that are still to come.
    const received = await receive(session, (all) => all.items.length + droppedOf(all) >= sent);
    expect(droppedOf(received)).toBeGreaterThan(0);
    expect(received.items.length + droppedOf(received)).toBe(sent);
    expect(received.items.length).toBeGreaterThan(50);
  });

  test.runIf(process.platform === 'linux')('says how many the system dropped, and that it has less room', async () => {
    const port = await freePort();
    const session = await open({ port, address: '127.0.0.1', receiveBufferBytes: 2048 });
    const from = await sender();
    const sent = 3000;
    await Promise.all(Array.from({ length: sent }, () => send(from, Buffer.alloc(1000), port)));
    const received = await receive(session, (all) => all.items.length + droppedOf(all) >= sent);
    expect(received.items.length + droppedOf(received)).toBe(sent);
    expect(droppedOf(received)).toBeGreaterThan(0);
  });

  test('says when the system gives less room than was asked for', async () => {
    const port = await freePort();
    const session = await open({ port, address: '127.0.0.1', receiveBufferBytes: 0x7fff_ffff });
    const { notices } = await receive(session, (all) => all.notices.some(({ event }) => event === 'buffer-limited'));
    expect(notices.at(-1)?.message).toMatch(/receive buffer of \d+ bytes in place of 2147483647/);
  });

  test('that cannot listen says why', async () => {
    const taken = createSocket('udp4');
    sockets.push(taken);
    await new Promise<void>((resolve) => taken.bind(0, '127.0.0.1', resolve));
    await expect(open({ port: taken.address().port, address: '127.0.0.1' })).rejects.toMatchObject({
      code: 'ERR_SOURCE_OPEN',
      help: expect.stringContaining('Another program listens there'),
    });
    await expect(open({ port: 0, address: '203.0.113.77' })).rejects.toThrow(/EADDRNOTAVAIL/);
    const group = { address: '239.255.42.99', interface: 'no-such-interface' };
    const known = Object.keys(networkInterfaces()).join(', ');
    await expect(open({ port: 0, groups: [group] })).rejects.toThrow(`'no-such-interface'; there are ${known}`);
    await expect(open({ port: 0, groups: [{ address: '10.0.0.1' }] })).rejects.toThrow(/10\.0\.0\.1 cannot be joined/);
    expect(stage.pool.usage).toMatchObject({ inUse: 0 });
  });
});
