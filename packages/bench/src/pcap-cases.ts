/** Captures of packets as sources, datagrams and a connection: a session beside one over a file with the same bytes. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IngestSession, type SourceOptions } from '@chipmunk-host/hosts';
import { STRING_PARSER_WINDOW_BYTES } from './bench-plugins.js';
import { logText } from './log-text.js';
import type { SourceStage } from './source-stage.js';
import { type Case, type OpenedSuite, throughput } from './suite.js';

const PAYLOAD_BYTES = 64 * 1024 * 1024;
/** As many as fit into a frame of Ethernet. */
const PACKET_BYTES = 1400;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const ETHERNET = 14;
const IPV4 = 20;
const [UDP, TCP] = [17, 6];
/** Between two packets. */
const MICROSECONDS = 10;

export async function pcapCases(stage: SourceStage): Promise<OpenedSuite> {
  const pieces = linesIn(logText(PAYLOAD_BYTES));
  const file = join(stage.directory, 'payload.log');
  const [datagrams, connection] = [join(stage.directory, 'udp.pcap'), join(stage.directory, 'tcp.pcap')];
  await writeFile(file, Buffer.concat(pieces));
  await writeFile(datagrams, capture(pieces, UDP));
  await writeFile(connection, capture(pieces, TCP));
  const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
  return {
    cases: [
      pcapCase(stage, 'pcap', bytes, { pcap: { file: datagrams } }, file),
      pcapCase(stage, 'pcap-tcp', bytes, { pcap: { file: connection } }, file),
    ],
    async close() {},
  };
}

function pcapCase(
  { component, pool }: SourceStage,
  name: string,
  bytes: number,
  source: SourceOptions,
  file: string,
): Case {
  const window = { bytes: STRING_PARSER_WINDOW_BYTES };
  const run = async (from: SourceOptions) => {
    const session = await IngestSession.open({ component, pool, source: from, window });
    for await (const _ of session);
    return `${session.summary.bytes} bytes, ${session.summary.items} items`;
  };
  return {
    name,
    ...throughput(bytes),
    ours: { name: 'session over a capture', run: () => run(source) },
    baseline: { name: 'session over a file with the payload', run: () => run({ file }) },
  };
}

/** Whole lines, as many as a packet holds. */
function linesIn(text: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < text.length; ) {
    const lineEnd = text.lastIndexOf(10, at + PACKET_BYTES - 1) + 1;
    const end = lineEnd > at ? lineEnd : Math.min(at + PACKET_BYTES, text.length);
    pieces.push(text.subarray(at, end));
    at = end;
  }
  return pieces;
}

/** In the format of tcpdump, all of one sender. */
function capture(pieces: readonly Uint8Array[], protocol: number): Uint8Array {
  const transport = protocol === UDP ? 8 : 20;
  const headers = RECORD_HEADER + ETHERNET + IPV4 + transport;
  const bytes = Buffer.alloc(FILE_HEADER + pieces.reduce((sum, { length }) => sum + headers + length, 0));
  bytes.writeUInt32LE(0xa1b2_c3d4, 0);
  bytes.writeUInt16LE(2, 4);
  bytes.writeUInt16LE(4, 6);
  bytes.writeUInt32LE(262_144, 16);
  bytes.writeUInt32LE(1, 20);
  let at = FILE_HEADER;
  let sent = 0;
  for (const [i, piece] of pieces.entries()) {
    const frameBytes = headers - RECORD_HEADER + piece.length;
    const time = i * MICROSECONDS;
    bytes.writeUInt32LE(1_700_000_000 + Math.floor(time / 1e6), at);
    bytes.writeUInt32LE(time % 1e6, at + 4);
    bytes.writeUInt32LE(frameBytes, at + 8);
    bytes.writeUInt32LE(frameBytes, at + 12);
    const frame = bytes.subarray(at + RECORD_HEADER, at + RECORD_HEADER + frameBytes);
    frame.writeUInt16BE(0x0800, 12);
    const ip = frame.subarray(ETHERNET);
    ip[0] = 0x45;
    ip.writeUInt16BE(frameBytes - ETHERNET, 2);
    ip[8] = 64;
    ip[9] = protocol;
    ip.writeUInt32BE(0x0a00_0001, 12);
    ip.writeUInt32BE(0x0a00_0002, 16);
    const packet = ip.subarray(IPV4);
    packet.writeUInt16BE(40_000, 0);
    packet.writeUInt16BE(3490, 2);
    if (protocol === UDP) packet.writeUInt16BE(8 + piece.length, 4);
    else {
      packet.writeUInt32BE(sent % 2 ** 32, 4);
      packet[12] = 0x50;
      packet[13] = 0x18;
    }
    packet.set(piece, transport);
    at += RECORD_HEADER + frameBytes;
    sent += piece.length;
  }
  return bytes;
}
