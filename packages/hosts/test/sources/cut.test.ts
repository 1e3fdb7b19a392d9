/**
 * Connections that are cut at random moments: by the other side in either way, by a sender that is killed, or by the session. Every session ends
 * or goes on as documented, and what it has delivered of each connection is a prefix of what was sent. `npm run long -- cut` does more.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { IngestSession, type SourceOptions } from '@chipmunk-host/hosts';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { setStage } from '../support.js';
import { drained, setSockets } from './socket-support.js';

const ROUNDS = Number(process.env.CUT_ROUNDS ?? 10);
const SEED = Number(process.env.CUT_SEED ?? 17);

const stage = setStage();
const sockets = setSockets();
const children = new Set<ChildProcess>();
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

const round = fc.record({
  way: fc.constantFrom(
    'tcp' as const,
    'unix' as const,
    'tcpListen' as const,
    'unixListen' as const,
    'process' as const,
  ),
  reconnect: fc.boolean(),
  /** Lines that are sent on each connection, and how it is cut behind them. */
  connections: fc.array(
    fc.record({
      lines: fc.integer({ min: 0, max: 20_000 }),
      pieceBytes: fc.constantFrom(7, 1000, 100_000),
      cut: fc.constantFrom('end' as const, 'destroy' as const, 'reset' as const),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  /** The session is left behind so many elements; 0: never. */
  leftAfter: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 30 })),
});
type Round = typeof round extends fc.Arbitrary<infer Value> ? Value : never;

const lineOf = (connection: number, line: number) => `connection ${connection} line ${line}`;

async function play(socket: Socket, connection: number, { lines, pieceBytes, cut }: Round['connections'][number]) {
  const content = Buffer.from(Array.from({ length: lines }, (_, line) => `${lineOf(connection, line)}\n`).join(''));
  for (let at = 0; at < content.length && !socket.destroyed; at += pieceBytes)
    if (!socket.write(content.subarray(at, at + pieceBytes))) await drained(socket);
  if (cut === 'end') socket.end();
  else if (cut === 'destroy' || socket.remoteAddress === undefined) socket.destroy();
  else socket.resetAndDestroy();
}

/** What is read, and what has to happen for something to come. */
async function sourceOf({ way, reconnect, connections }: Round): Promise<[SourceOptions, () => Promise<void>]> {
  const again = reconnect ? { minDelayMs: 1, maxDelayMs: 3, maxAttempts: connections.length + 3 } : false;
  const served = (socket: Socket, client: number) => {
    const connection = connections[client];
    if (connection === undefined) socket.destroy();
    else void play(socket, client, connection);
  };
  const path = join(stage.directory, `${Math.random()}.sock`);
  if (way === 'tcp') {
    const port = await sockets.server(served);
    return [{ tcp: { host: '127.0.0.1', port, reconnect: again } }, async () => {}];
  }
  if (way === 'unix') {
    await sockets.server(served, { path });
    return [{ unix: { path, reconnect: again } }, async () => {}];
  }
  if (way === 'process') {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'sender-fixture.mjs'), path, '64', '4096'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.add(child);
    await once(child.stdout, 'data');
    const kill = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      child.kill('SIGKILL');
    };
    return [{ unix: { path } }, kill];
  }
  const connectAll = async (where: { path: string } | { port: number }) => {
    for (const [client, connection] of connections.entries()) {
      const socket = await sockets.client(where);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      await play(socket.resume(), client, connection);
      await closed;
    }
  };
  if (way === 'unixListen')
    return [{ unixListen: { path, connections: connections.length } }, () => connectAll({ path })];
  const probe = await sockets.server(() => {});
  await sockets.endServers();
  const source = { tcpListen: { host: '127.0.0.1', port: probe, connections: connections.length } };
  return [source, () => connectAll({ port: probe })];
}

/** Lines of one connection: each the next one, and only the last may be cut. */
function requirePrefix(texts: readonly string[], line: (at: number) => string): void {
  for (const [at, text] of texts.entries()) {
    const expected = line(at);
    if (text === expected || (at === texts.length - 1 && expected.startsWith(text))) continue;
    throw new Error(`item ${at} is '${text}' where '${expected}' is due`);
  }
}

test(`connections that are cut deliver a prefix in ${ROUNDS} rounds (seed ${SEED})`, {
  timeout: 60_000 + ROUNDS * 5000,
}, async () => {
  const ends: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(round, async (one) => {
      const [source, begin] = await sourceOf(one);
      const { component, pool } = { component: stage.stringParser, pool: stage.pool };
      const session = await IngestSession.open({ component, pool, source, window: { bytes: 50_000 } }).catch(
        (error) => {
          // It may be cut before it is there.
          expect(error).toMatchObject({ code: 'ERR_SOURCE_OPEN' });
          return undefined;
        },
      );
      if (session === undefined) return;
      const sending = begin().catch(() => {});
      const texts = new Map<number, string[]>();
      let [elements, offset] = [0, 0];
      let error: { readonly code?: string } | undefined;
      try {
        for await (const element of session) {
          expect(element.offset).toBe(offset);
          offset += element.consumedBytes;
          if (element.type === 'batch') {
            const all = texts.get(element.source) ?? [];
            texts.set(element.source, all);
            for (const { text } of element) all.push(text);
          }
          if (++elements === one.leftAfter) break;
        }
      } catch (thrown) {
        error = thrown as { readonly code?: string };
      }
      const { status, notices, skippedBytes } = session.summary;
      ends[status] = (ends[status] ?? 0) + 1;
      if (error !== undefined) expect(error.code).toBe('ERR_SOURCE_READ');
      expect(skippedBytes).toBe(0);
      const isAgain = one.reconnect && (one.way === 'tcp' || one.way === 'unix');
      // It connects again until there is nobody any more.
      if (isAgain && status !== 'stopped')
        expect([status, notices.disconnected ?? 0]).toEqual(['failed', expect.any(Number)]);
      for (const all of texts.values()) {
        const connection = Number(/^connection (\d+)/.exec(all[0] ?? '')?.[1] ?? 0);
        const padded = (at: number) => String(at).padStart(63, '.');
        requirePrefix(all, one.way === 'process' ? padded : (at) => lineOf(connection, at));
      }
      await sockets.endServers();
      await sending;
    }),
    { numRuns: ROUNDS, seed: SEED },
  );
  expect(stage.pool.usage.inUse).toBe(0);
  // Else the rounds would show nothing.
  expect(Object.keys(ends).length).toBeGreaterThan(1);
});
