import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IngestSession, type SourceOptions } from '@chipmunk-host/hosts';
import { describe, expect, test } from 'vitest';
import { readAll, referenceLines, setStage } from '../support.js';
import { deliveredBy, setSockets, write } from './socket-support.js';

const stage = setStage();
const sockets = setSockets();
let sequence = 0;
const newPath = () => join(stage.directory, `socket-${sequence++}`);
const open = (source: SourceOptions) =>
  IngestSession.open({ component: stage.stringParser, pool: stage.pool, config: { lossy: true }, source });

describe('a client of a socket in the file system', () => {
  test.each([1, 1024, 10 * 1024 * 1024])('has the items of the bytes that came in pieces of %d', async (pieceBytes) => {
    const count = pieceBytes === 1 ? 500 : 50_000;
    const content = Buffer.from(Array.from({ length: count }, (_, i) => `line ${i}\n`).join(''));
    const path = newPath();
    await sockets.server((socket) => void write(socket, content, pieceBytes).then(() => socket.end()), { path });
    expect(await readAll(await open({ unix: { path } }))).toEqual(referenceLines(content));
  });

  test('fails to open where there is none', async () => {
    await expect(open({ unix: { path: newPath() } })).rejects.toMatchObject({ code: 'ERR_SOURCE_OPEN' });
  });
});

describe('a server on a socket in the file system', () => {
  test('reads its clients, and removes the socket at the end', async () => {
    const path = newPath();
    const session = await open({ unixListen: { path, clients: 2, connections: 2 } });
    expect(lstatSync(path).isSocket()).toBe(true);
    for (const text of ['one\n', 'two\n']) (await sockets.client({ path })).end(text);
    const { texts } = await deliveredBy(session, 2);
    expect([...texts].sort()).toEqual([
      [`0 unix://${path}#1`, ['one']],
      [`1 unix://${path}#2`, ['two']],
    ]);
    expect(existsSync(path)).toBe(false);
  });

  test('replaces a socket that a program has left which is gone', async () => {
    const path = newPath();
    const program = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', program]);
    expect(lstatSync(path).isSocket()).toBe(true);
    const session = await open({ unixListen: { path, connections: 1 } });
    (await sockets.client({ path })).end('one\n');
    expect([...(await deliveredBy(session)).texts.values()]).toEqual([['one']]);
  });

  test('leaves one alone that another program listens on, and a file', async () => {
    const served = newPath();
    await sockets.server(() => {}, { path: served });
    await expect(open({ unixListen: { path: served } })).rejects.toMatchObject({
      code: 'ERR_SOURCE_OPEN',
      message: expect.stringContaining('another program listens there'),
    });
    const socket = await sockets.client({ path: served });
    await once(socket.end().resume(), 'close');
    const file = newPath();
    writeFileSync(file, 'content');
    await expect(open({ unixListen: { path: file } })).rejects.toMatchObject({ code: 'ERR_SOURCE_OPEN' });
    expect(lstatSync(file).isFile()).toBe(true);
  });
});
