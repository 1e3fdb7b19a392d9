/** Captures that come while they are read: over standard input, which is a pipe, a socket or a file, and over a FIFO. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { IngestSession } from '@chipmunk-host/hosts';
import { expect, test } from 'vitest';
import { A, B, type Captured, ip, link, pcap, tcp, udp } from '../../../sources/test/capture-builder.js';
import { setStage } from '../support.js';

const stage = setStage();
const fixture = join(import.meta.dirname, 'capture-program-fixture.mjs');
const T = 1_700_000_000_000_000_000n;

function captured(protocol: number, body: Uint8Array, ms: number, back = false): Captured {
  const [from, to] = back ? [B, A] : [A, B];
  return { frame: link('ethernet', ip(from, to, protocol, body)), timeNs: T + BigInt(ms) * 1_000_000n };
}

const datagram = (line: string, ms = 0) => captured(17, udp(A, B, Buffer.from(`${line}\n`)), ms);
const segment = (line: string, sequence: number, ms: number, back = false) =>
  captured(6, back ? tcp(B, A, Buffer.from(line), { sequence }) : tcp(A, B, Buffer.from(line), { sequence }), ms, back);

const CAPTURE = pcap(['one', 'two', 'three'].map((word) => datagram(word)));
const CONTENT = ['one', 'two', 'three', '! capture', 'completed, 14 bytes'];

async function linesOf(
  stdin: 'pipe' | number,
  feed: (child: ReturnType<typeof spawn>) => void = () => {},
): Promise<string[]> {
  const child = spawn(process.execPath, [fixture], { stdio: [stdin, 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  feed(child);
  const lines: string[] = [];
  if (child.stdout !== null) for await (const line of createInterface({ input: child.stdout })) lines.push(line);
  expect(await ended).toEqual([0, null]);
  return lines;
}

test('standard input that is a socket of another process, which writes a packet when the one before was seen', async () => {
  const child = spawn(process.execPath, [fixture], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const lines: string[] = [];
  const ends = [
    24,
    ...[1, 2, 3].map((count) => pcap(['one', 'two', 'three'].slice(0, count).map((word) => datagram(word))).length),
  ];
  let sent = 0;
  const send = () => {
    child.stdin.write(CAPTURE.subarray(sent === 0 ? 0 : ends[sent], ends[sent + 1]));
    if (++sent === 3) child.stdin.end();
  };
  send();
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (sent < 3) send();
  }
  await ended;
  expect(lines).toEqual(CONTENT);
});

test('standard input that is a pipe of a shell, or a file', async () => {
  const file = await stage.input(CAPTURE);
  const piped = execFileSync('/bin/sh', ['-c', `cat '${file}' | '${process.execPath}' '${fixture}'`], {
    encoding: 'utf8',
  });
  expect(piped.trim().split('\n')).toEqual(CONTENT);
  expect(await linesOf(openSync(file, 'r'))).toEqual(CONTENT);
});

test('the answers of a connection are seen while it goes on: what has waited has its turn in a silence', async () => {
  const packets = [
    segment('question 1\n', 1, 0),
    segment('answer 1\n', 1, 10, true),
    segment('question 2\n', 12, 2000),
    segment('answer 2\n', 10, 2100, true),
  ];
  const capture = pcap(packets);
  const child = spawn(process.execPath, [fixture], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.write(capture);
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    // Before the end of the capture.
    if (line === 'answer 2') child.stdin.end();
  }
  expect(lines).toEqual([
    '! midstream',
    'question 1',
    'question 2',
    '! midstream',
    'answer 1',
    'answer 2',
    '! capture',
    `completed, ${22 + 18} bytes`,
  ]);
});

test('standard input that ends within a packet', async () => {
  const lines = await linesOf('pipe', (child) => child.stdin?.end(CAPTURE.subarray(0, -2)));
  expect(lines.slice(0, 3)).toEqual(['one', 'two', '! capture']);
  expect(lines[3]).toMatch(/^ERR_SOURCE_READ: The capture on standard input ends within a packet, at byte \d+\.$/);
});

test('a FIFO is read as it is written, and left when the session is closed', async () => {
  const fifo = join(stage.directory, 'capture.fifo');
  execFileSync('mkfifo', [fifo]);
  const open = () =>
    IngestSession.open({ component: stage.stringParser, pool: stage.pool, source: { pcap: { file: fifo } } });
  const session = await open();
  createReadStream(await stage.input(CAPTURE)).pipe(createWriteStream(fifo));
  const texts: string[] = [];
  for await (const batch of session.batches()) texts.push(...[...batch].map(({ text }) => text));
  expect(texts).toEqual(['one', 'two', 'three']);
  const waiting = await open();
  const next = waiting.next();
  await waiting.close();
  expect(await next).toMatchObject({ done: true });
  expect(stage.pool.usage).toMatchObject({ inUse: 0 });
});
