/** Sessions over serial ports: pseudo-terminals that Python opens, with the package `serialport`. */
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { IngestSession } from '@chipmunk-host/hosts';
import { afterEach, describe, expect, test } from 'vitest';
import { setStage } from '../support.js';
import { EQUAL_CASES, equalItems, itemsOf, sourceParsers } from './equal-items.js';

const stage = setStage();
const parsers = sourceParsers(stage);

/** Opens a pseudo-terminal and prints its path. `write FILE PIECE` writes a file in pieces, `pull` closes it. */
const DEVICE = `
import os, pty, sys, tty
master, slave = pty.openpty()
tty.setraw(slave)
print(os.ttyname(slave), flush=True)
for line in sys.stdin:
    words = line.split()
    if words[0] == 'write':
        content, piece = open(words[1], 'rb').read(), int(words[2])
        for at in range(0, len(content), piece):
            part = content[at:at + piece]
            while part: part = part[os.write(master, part):]
        print('written', flush=True)
    else:
        os.close(slave)
        os.close(master)
        print('pulled', flush=True)
`;

const canRun = spawnSync('python3', ['-c', 'import pty; pty.openpty()']).status === 0 && isInstalled('serialport');

function isInstalled(name: string): boolean {
  try {
    // As the source itself finds it.
    createRequire(createRequire(import.meta.url).resolve('@chipmunk-host/sources')).resolve(name);
    return true;
  } catch {
    return false;
  }
}

type Device = ChildProcessByStdio<Writable, Readable, null>;
const devices: Device[] = [];
afterEach(() => {
  for (const device of devices.splice(0)) device.kill('SIGKILL');
});

async function openDevice() {
  const device = spawn('python3', ['-c', DEVICE], { stdio: ['pipe', 'pipe', 'inherit'] });
  devices.push(device);
  const lines = createInterface(device.stdout)[Symbol.asyncIterator]();
  const said = async () => String((await lines.next()).value);
  return { path: await said(), said, ask: (text: string) => device.stdin.write(`${text}\n`) };
}

const open = (path: string, options: object = {}) =>
  IngestSession.open({
    component: stage.stringParser,
    pool: stage.pool,
    source: { serial: { path, baudRate: 115_200 } },
    ...options,
  });

describe.skipIf(!canRun)('a session over a serial port (skipped without Python or the package serialport)', () => {
  test.each(EQUAL_CASES.filter(([, piece]) => piece <= 1024))(
    'has the items of the same bytes as a file: %s, in pieces of %d',
    async (parser, piece) => {
      const { file: whole, ...plugin } = await parsers(parser, 1);
      // A port has no end: what is unfinished would be waited for.
      const content = await readFile(whole);
      const file =
        parser === 'dlt-parser' ? whole : await stage.input(content.subarray(0, content.lastIndexOf(10) + 1));
      const device = await openDevice();
      const session = await open(device.path, plugin);
      const expected = await itemsOf(await stage.open({ ...plugin, source: { file } }));
      device.ask(`write ${file} ${piece}`);
      const bytes = Number(expected.at(-1)?.split(' ')[1]);
      const watch = setInterval(() => {
        if (session.progress.bytes >= bytes) session.stop();
      }, 20);
      expect(await device.said()).toBe('written');
      await equalItems(session, expected).finally(() => clearInterval(watch));
    },
  );

  test('that is pulled fails behind what was delivered, and is let go of', async () => {
    const device = await openDevice();
    const session = await open(device.path, { maxLatencyMs: 0 });
    const file = await stage.input('one\ntwo\n');
    device.ask(`write ${file} 100`);
    const texts: string[] = [];
    const read = async () => {
      for await (const batch of session.batches()) {
        for (const { text } of batch) texts.push(text);
        if (texts.length === 2) device.ask('pull');
      }
    };
    await expect(read()).rejects.toMatchObject({
      code: 'ERR_SOURCE_READ',
      message: expect.stringContaining(`'${device.path}' cannot be read any more, behind 8 bytes: it was disconnected`),
    });
    expect(texts).toEqual(['one', 'two']);
    expect(stage.pool.usage).toMatchObject({ inUse: 0 });
  });

  test('that is not there does not start', async () => {
    await expect(open('/dev/no-such-port')).rejects.toMatchObject({ code: 'ERR_SOURCE_OPEN' });
  });
});

test.skipIf(isInstalled('serialport'))(
  'without the package serialport a serial port says what is missing',
  async () => {
    await expect(open('/dev/ttyS0')).rejects.toMatchObject({
      code: 'ERR_SOURCE_OPEN',
      help: expect.stringContaining('npm install serialport'),
    });
  },
);
