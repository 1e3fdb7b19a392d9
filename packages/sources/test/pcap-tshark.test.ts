/** Captures in all forms against tshark, which reads them on its own. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type { LinkForm } from './capture-builder.js';
import type { MemoryOutput } from './memory-output.js';
import { RandomTraffic } from './random-capture.js';
import { readCapture } from './read-capture.js';

const DATA = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'captures-'));
afterAll(() => rmSync(directory, { recursive: true }));

function tshark(path: string, ...options: string[]): string {
  return execFileSync('tshark', ['-n', '-r', path, ...options], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1e9,
  });
}

const hasTshark = (() => {
  try {
    execFileSync('tshark', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** Time in ms, sender and payload of each datagram, put together from its parts. */
function datagramsOfTshark(path: string): string[] {
  const fields = ['frame.time_epoch', 'ip.src', 'ipv6.src', 'udp.srcport', 'udp.payload'];
  const lines = tshark(
    path,
    '-Y',
    'udp',
    '-T',
    'fields',
    '-E',
    'separator=;',
    ...fields.flatMap((name) => ['-e', name]),
  );
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [time = '', four, six, port, payload] = line.split(';');
      return `${time.replace(/^(\d+)\.(\d{3}).*/, '$1$2')} ${six === '' ? `${four}:${port}` : `[${six}]:${port}`} ${payload}`;
    });
}

function datagramsOf({ packets }: MemoryOutput): string[] {
  return packets.map(({ bytes, timeMs, peer }) => `${timeMs} ${peer} ${Buffer.from(bytes).toString('hex')}`);
}

/** The bytes of each direction of each connection, by its name. */
function connectionsOfTshark(path: string, count: number): Map<string, string> {
  const streams = Array.from({ length: count }, (_, i) => ['-z', `follow,tcp,raw,${i}`]).flat();
  const found = new Map<string, string>();
  for (const part of tshark(path, '-q', ...streams).split(/={20,}/)) {
    const [, first, second] = /Node 0: (\S+)\s+Node 1: (\S+)/.exec(part) ?? [];
    if (first === undefined) continue;
    const lines = part.split('\n').filter((line) => /^\t?[0-9a-f]+$/.test(line));
    const joined = (isAnswer: boolean) =>
      lines
        .filter((line) => line.startsWith('\t') === isAnswer)
        .join('')
        .replaceAll('\t', '');
    found.set(`${first} to ${second}`, joined(false));
    found.set(`${second} to ${first}`, joined(true));
  }
  return found;
}

function connectionsOf({ segments }: MemoryOutput): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name, type, bytes } of segments) {
    if (type === 'tcp') found.set(name, (found.get(name) ?? '') + Buffer.from(bytes).toString('hex'));
  }
  return found;
}

/** @param connections how many are in it */
async function compare(path: string, connections: number): Promise<void> {
  const { output, fault } = await readCapture(readFileSync(path));
  expect(fault).toBeUndefined();
  expect(datagramsOf(output).toSorted()).toEqual(datagramsOfTshark(path).toSorted());
  if (connections === 0) return;
  const expected = [...connectionsOfTshark(path, connections)].filter(([, bytes]) => bytes !== '');
  expect(connectionsOf(output)).toEqual(new Map(expected));
}

describe.skipIf(!hasTshark)('against tshark (needs tshark)', () => {
  const traffic = new RandomTraffic(4711);
  for (const version of [4, 6]) {
    for (let i = 0; i < 20; i++) traffic.datagram(50_000 + i, version);
    for (let i = 0; i < 3; i++) traffic.connection(51_000 + i, version);
  }

  test.each([true, false])('pcapng of all networks, little-endian: %s', async (littleEndian) => {
    const path = join(directory, 'all.pcapng');
    writeFileSync(path, traffic.pcapng(littleEndian));
    await compare(path, 6);
  });

  test.each<[LinkForm, boolean, boolean]>([
    ['ethernet', true, true],
    ['two-vlans', false, true],
    ['cooked-2', true, false],
    ['raw', false, false],
  ])('pcap: %s, little-endian: %s, nanoseconds: %s', async (form, littleEndian, nanoseconds) => {
    const path = join(directory, 'one.pcap');
    writeFileSync(path, traffic.pcap(form, littleEndian, nanoseconds));
    await compare(path, 6);
  });

  const captures = existsSync(DATA) ? readdirSync(join(DATA, 'pcap')) : [];
  // Of their TCP, one connection has the same address and port at both ends.
  test.skipIf(captures.length === 0)('captures of the field (needs ../shared/data beside the checkout)', async () => {
    for (const name of captures) await compare(join(DATA, 'pcap', name), 0);
  });
});

/** Columns of a message of SOME/IP, as far as they need no description of its payload. */
function someIpRow(kind: string, bytes: Uint8Array, at: number): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  const numbers = [view.getUint16(0), view.getUint16(2), view.getUint32(4), view.getUint16(8), view.getUint16(10)];
  return [kind, ...numbers, bytes[at + 13], bytes[at + 14], bytes[at + 15]].join('\u0004');
}

function someIpRows(bytes: Uint8Array): string[] {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += 8 + new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(4))
    rows.push(someIpRow(bytes[at] === 0xff && bytes[at + 1] === 0xff ? 'SD' : 'RPC', bytes, at));
  return rows;
}

test.skipIf(!existsSync(DATA))(
  'messages of SOME/IP in captures of the field (needs ../shared/data beside the checkout)',
  async () => {
    for (const name of readdirSync(join(DATA, 'pcap'))) {
      const { output, fault } = await readCapture(readFileSync(join(DATA, 'pcap', name)));
      expect(fault).toBeUndefined();
      const rows = [...output.packets, ...output.segments].flatMap(({ bytes }) => someIpRows(bytes));
      const text = readFileSync(join(DATA, 'expected/pcap', `${name}.someip-nofibex.txt`), 'utf8').trim();
      const expected = text.split('\n').map((row) => row.split('\u0004').slice(0, 9).join('\u0004'));
      // Connections come one after the other, and not in the order of their packets.
      expect(rows.toSorted()).toEqual(expected.toSorted());
    }
  },
);
