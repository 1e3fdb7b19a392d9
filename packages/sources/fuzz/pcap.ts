/**
 * Fuzz target `pcap`: captures of random traffic, damaged in their frames and as a whole. Whatever lies in them, reading ends, with an error of
 * the capture or none; it comes to the same however the bytes are cut; and it delivers no more than was captured.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { type FuzzOptions, type FuzzResult, rounds } from '../../hosts/fuzz/rounds.js';
import { CaptureFault } from '../src/worker/pcap/capture-error.js';
import type { CaptureReaderOptions } from '../src/worker/pcap/capture-reader.js';
import type { LinkForm } from '../test/capture-builder.js';
import { MemoryOutput } from '../test/memory-output.js';
import { RandomTraffic } from '../test/random-capture.js';
import { readCapture } from '../test/read-capture.js';

const FORMS: readonly LinkForm[] = ['ethernet', 'vlan', 'cooked', 'cooked-2', 'raw', 'null', 'loop'];
/** Numbers at which checks may go wrong, as 4 bytes. */
const NUMBERS = [0, 1, 4, 7, 8, 12, 0x7f, 0xff, 0xffff, 0x4_0000, 0x4_0001, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
const CASES = 20;
/** What a process that keeps to the bounds takes at most, in all rounds. */
const MOST_BUFFER_BYTES = 256 * 1024 * 1024;

export function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  return rounds('pcap', options, async (seed) => {
    const random = new RandomTraffic(seed);
    for (let i = 0; i < CASES; i++) await play(random);
    const { arrayBuffers } = process.memoryUsage();
    ok(arrayBuffers < MOST_BUFFER_BYTES, `${arrayBuffers} bytes of buffers are in use`);
    return CASES;
  });
}

async function play(random: RandomTraffic): Promise<void> {
  const traffic = new RandomTraffic(random.number(2 ** 31), [100, 100, 3000][random.number(3)]);
  const most = 1 + random.number(4);
  for (let i = 0; i < most; i++) {
    if (random.number(2) === 0) traffic.connection(50_000 + random.number(2), random.number(2) === 0 ? 4 : 6);
    else traffic.datagram(50_000 + random.number(2), random.number(2) === 0 ? 4 : 6);
  }
  disorder(random, traffic);
  const capture = Uint8Array.from(
    random.number(2) === 0
      ? traffic.pcapng(random.number(2) === 0)
      : traffic.pcap(FORMS[random.number(FORMS.length)] ?? 'raw', random.number(2) === 0, random.number(2) === 0),
  );
  // Some stay whole, so that what lies in their frames is reached.
  if (random.number(3) > 0) damage(random, capture, 1 + random.number(4));
  const whole = random.number(4) > 0 ? capture : capture.subarray(0, random.number(capture.length));
  await compare(random, whole);
}

/** Packets that are lost, repeated, in another order, of another time, cut, and damaged. */
function disorder(random: RandomTraffic, { sent }: RandomTraffic): void {
  const count = random.number(8);
  for (let i = 0; i < count; i++) {
    const at = random.number(sent.length);
    const one = sent[at];
    const other = random.number(sent.length);
    if (one === undefined) continue;
    const kind = random.number(6);
    if (kind === 0) sent.splice(at, 1);
    else if (kind === 1) sent.splice(other, 0, one);
    else if (kind === 2) sent.splice(other, 0, ...sent.splice(at, 1));
    else if (kind === 3) sent[at] = { ...one, timeNs: BigInt(random.number(2 ** 32)) * 1_000_000_000n };
    else if (kind === 4) sent[at] = { ...one, packet: one.packet.subarray(0, random.number(one.packet.length)) };
    else {
      const packet = Uint8Array.from(one.packet);
      // Mostly in the headers.
      damage(random, packet.subarray(0, 1 + random.number(Math.min(packet.length, 80))), 1 + random.number(3));
      sent[at] = { ...one, packet };
    }
  }
}

function damage(random: RandomTraffic, bytes: Uint8Array, count: number): void {
  for (let i = 0; i < count; i++) {
    const at = random.number(bytes.length);
    if (random.number(2) === 0 || bytes.length < 4) {
      bytes[at] = random.number(256);
      continue;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const number = NUMBERS[random.number(NUMBERS.length)] ?? 0;
    view.setUint32(Math.min(at & ~3, bytes.length - 4), number, random.number(2) === 0);
  }
}

async function compare(random: RandomTraffic, capture: Uint8Array): Promise<void> {
  const options: CaptureReaderOptions = {
    payload: (['all', 'all', 'udp', 'tcp'] as const)[random.number(4)] ?? 'all',
    cut: random.number(2) === 0 ? 'drop' : 'deliver',
    maxHeldBytes: [1, 1000, 10_000, 1_000_000][random.number(4)] ?? 1,
    maxFlows: [1, 2, 1000][random.number(3)] ?? 1,
    maxWaitMs: [0, 10, Number.POSITIVE_INFINITY][random.number(3)] ?? 0,
    filters: random.number(4) === 0 ? { port: 50_000, address: '10.1.2.0/24' } : {},
  };
  const outcome = async (pieceBytes: number, isSlow: boolean) => {
    const { output, fault } = await readCapture(capture, options, pieceBytes, new MemoryOutput(isSlow));
    if (fault !== undefined && !(fault instanceof CaptureFault)) throw fault;
    const { packets, segments, events, bytes } = output;
    return { packets, segments, events, bytes, fault: fault?.message };
  };
  const reference = await outcome(capture.length, false);
  deepStrictEqual(await outcome(1 + random.number(500), random.number(2) === 0), reference);
  ok(reference.bytes <= capture.length, `${reference.bytes} bytes come out of ${capture.length}`);
  ok(reference.events.length < 20 + capture.length / 28, `${reference.events.length} records`);
}
