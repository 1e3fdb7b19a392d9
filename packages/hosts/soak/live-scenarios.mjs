/** What sessions of the soak over live sources do: who writes, what goes wrong meanwhile, and what must come of it. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { appendFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { IngestSession } from '@chipmunk-host/hosts';

/** Each is told `{ stage, random, name }`, and throws when something is not as it must be. */
export const LIVE_SCENARIOS = {
  async connection({ stage, random }) {
    const lines = someLines(random, 3000);
    await serving(
      (socket) => void send(socket, lines, random).then(() => socket.end()),
      async (port) => {
        deepStrictEqual(await textsOf(await open(stage, { tcp: { host: '127.0.0.1', port } })), lines);
      },
    );
  },

  async pausedConnection({ stage, random }) {
    const lines = someLines(random, 3000);
    await serving(
      (socket) => void send(socket, lines, random).then(() => socket.end()),
      async (port) => {
        const session = await open(stage, { tcp: { host: '127.0.0.1', port } });
        session.pause();
        setTimeout(() => session.resume(), random.below(20));
        deepStrictEqual(await textsOf(session), lines);
      },
    );
  },

  async cutConnections({ stage, random }) {
    const lines = someLines(random, 500);
    let whole = 1 + random.below(3);
    let connections = 0;
    const serve = async (socket) => {
      const isFirst = connections++ === 0;
      whole--;
      await send(socket, whole > 0 ? lines.slice(0, 1 + random.below(lines.length)) : lines, random);
      // A first connection that is reset at once may be none yet: then the session does not open.
      if (whole > 0 && !isFirst && random.below(2) === 0) socket.resetAndDestroy();
      else socket.end();
    };
    await serving(
      (socket) => void serve(socket),
      async (port) => {
        const reconnect = { minDelayMs: 1, maxDelayMs: 5 };
        const session = await open(stage, { tcp: { host: '127.0.0.1', port, reconnect } });
        const byConnection = new Map();
        for await (const batch of session.batches()) {
          const texts = byConnection.get(batch.source) ?? [];
          for (const { text } of batch) texts.push(text);
          byConnection.set(batch.source, texts);
          if (texts.length === lines.length && texts.at(-1) === lines.at(-1)) break;
        }
        for (const texts of byConnection.values()) ok(isBeginning(texts, lines));
      },
    );
  },

  async clients({ stage, random, name }) {
    const path = join(stage.directory, `${name}.sock`);
    const clients = 1 + random.below(3);
    const sent = Array.from({ length: clients }, () => someLines(random, 1000));
    const session = await open(stage, { unixListen: { path, clients, connections: clients } });
    const writing = sent.map(async (lines) => {
      const socket = connect({ path });
      await once(socket, 'connect');
      await send(socket, lines, random);
      socket.end();
      await once(socket.resume(), 'close');
    });
    const bySource = new Map();
    for await (const batch of session.batches()) {
      const texts = bySource.get(batch.source) ?? [];
      for (const { text } of batch) texts.push(text);
      bySource.set(batch.source, texts);
    }
    await Promise.all(writing);
    const inOrder = (lists) => lists.map((list) => list.join('\n')).sort();
    deepStrictEqual(inOrder([...bySource.values()]), inOrder(sent));
  },

  async datagrams({ stage, random }) {
    const session = await open(stage, { udp: { address: '127.0.0.1', port: 0 } });
    const sender = createSocket('udp4');
    const lines = someLines(random, 200);
    const texts = [];
    for await (const element of session) {
      if (element.type === 'source' && element.event === 'listening') {
        const port = Number(element.details.address.split(':').at(-1));
        for (const line of lines) sender.send(`${line}\n`, port, '127.0.0.1');
      }
      if (element.type === 'batch') for (const { text } of element) texts.push(text);
      if (texts.length > 0 && texts.at(-1) === lines.at(-1)) session.stop();
    }
    sender.close();
    // Datagrams may be lost on their way, and come in order here.
    ok(texts.every((text) => lines.includes(text)));
  },

  async command({ stage, random }) {
    const count = 1 + random.below(3000);
    const session = await open(stage, { process: { command: ['seq', '1', String(count)] } });
    const texts = await textsOf(session);
    deepStrictEqual(
      texts,
      Array.from({ length: count }, (_, i) => String(i + 1)),
    );
    deepStrictEqual(session.summary.notices.exited, 1);
  },

  async endlessCommand({ stage, random }) {
    const session = await open(stage, { process: { command: ['yes', 'the same line'], output: 'both' } });
    let batches = random.below(5);
    for await (const batch of session.batches()) {
      for (const { text } of batch) ok('the same line'.startsWith(text));
      if (batches-- === 0) break;
    }
  },

  async rotatedFile({ stage, random, name }) {
    const file = join(stage.directory, `${name}.log`);
    // Counters of so many digits go up; the larger one of small numbers is older.
    const rotated = (at) => `${file}.${String(at).padStart(6, '0')}`;
    const lines = someLines(random, 300);
    await writeFile(file, '');
    const follow = { file, graceMs: 20, idleMs: 500 };
    const session = await open(stage, { follow });
    const writing = (async () => {
      for (let at = 0; at < lines.length; ) {
        const some = lines.slice(at, at + 1 + random.below(100));
        await appendFile(file, some.map((line) => `${line}\n`).join(''));
        at += some.length;
        if (random.below(3) === 0 && at < lines.length) await rename(file, rotated(at));
      }
    })();
    const texts = await textsOf(session);
    await writing;
    deepStrictEqual(texts, lines);
    await Promise.all([file, ...lines.map((_, at) => rotated(at))].map((path) => rm(path, { force: true })));
  },

  async stopped({ stage, random }) {
    const lines = someLines(random, 3000);
    await serving(
      (socket) => void send(socket, lines, random),
      async (port) => {
        const session = await open(stage, { tcp: { host: '127.0.0.1', port } });
        setTimeout(() => session.stop(), random.below(30));
        ok(isBeginning(await textsOf(session), lines));
      },
    );
  },

  async aborted({ stage, random }) {
    const abort = new AbortController();
    const reason = new Error('the soak has enough');
    await serving(
      (socket) => void send(socket, someLines(random, 3000), random),
      async (port) => {
        setTimeout(() => abort.abort(reason), random.below(30));
        try {
          await textsOf(await open(stage, { tcp: { host: '127.0.0.1', port } }, { signal: abort.signal }));
        } catch (error) {
          if (error !== reason) throw error;
        }
      },
    );
  },

  async nobodyListens({ stage }) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    await new Promise((resolve) => server.close(resolve));
    const code = await open(stage, { tcp: { host: '127.0.0.1', port } }).then(
      () => undefined,
      (error) => error.code,
    );
    deepStrictEqual(code, 'ERR_SOURCE_OPEN');
  },
};

function open(stage, source, options = {}) {
  return IngestSession.open({ component: stage.stringParser, pool: stage.pool, source, maxLatencyMs: 5, ...options });
}

async function textsOf(session) {
  const texts = [];
  for await (const batch of session.batches()) for (const { text } of batch) texts.push(text);
  return texts;
}

/** Whether they are the first lines; the last one may be cut, where a connection or a session has ended. */
function isBeginning(texts, lines) {
  const at = texts.length - 1;
  return texts.every((text, i) => text === lines[i] || (i === at && lines[i]?.startsWith(text)));
}

/** A server for as long as `use` takes. */
async function serving(serve, use) {
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}).resume());
    serve(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await use(server.address().port);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Writes lines in random pieces, some of them a moment later. */
async function send(socket, lines, random) {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  for (let at = 0; at < bytes.length && !socket.destroyed; ) {
    const piece = bytes.subarray(at, at + 1 + random.below(20_000));
    at += piece.length;
    const isTaken = await new Promise((resolve) => socket.write(piece, (error) => resolve(!error)));
    if (!isTaken) return;
    if (random.below(10) === 0) await sleep(random.below(5));
  }
}

/** No two are alike. */
function someLines(random, most) {
  return Array.from({ length: 1 + random.below(most) }, (_, i) => `${i} ${'abcdefgh'.repeat(random.below(10))}.`);
}
