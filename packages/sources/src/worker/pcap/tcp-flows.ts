/** The TCP connections of a capture, each direction for itself. */
import type { CaptureReport } from './capture-report.js';
import { flowKey, flowName, reverseKey } from './endpoints.js';
import { type Packet, TcpFlag } from './packet.js';
import { PacketCache } from './packet-cache.js';
import { distance, TcpFlow } from './tcp-flow.js';
import type { Turns } from './turns.js';

/** Bytes of one direction that may come before those in front of them. */
const MAX_EARLY_BYTES = 4 * 1024 * 1024;
/** A number so far from what is expected is of another connection between the same ports, whose beginning was not captured. */
const MAX_DISTANCE = 64 * 1024 * 1024;
/** When the receiver has confirmed bytes that are missing here, they were not captured. They may still come in another order. */
const CONFIRMED_MS = 1000;

export class TcpFlows {
  readonly #turns: Turns;
  readonly #report: CaptureReport;
  readonly #maxFlows: number;
  readonly #maxEarlyBytes: number;
  /** The oldest first. */
  readonly #flows = new Map<string, TcpFlow>();
  readonly #recent = new PacketCache<TcpFlow>();
  readonly #ended = new Set<TcpFlow>();
  /** Of all flows. */
  #earlyBytes = 0;

  /** @param maxEarlyBytes memory for bytes that came too early, in all flows together */
  constructor(turns: Turns, report: CaptureReport, limits: { maxFlows: number; maxEarlyBytes: number }) {
    this.#turns = turns;
    this.#report = report;
    this.#maxFlows = limits.maxFlows;
    this.#maxEarlyBytes = limits.maxEarlyBytes;
  }

  /** @returns false: the reader wants no more */
  take(packet: Packet, timeMs: number): boolean | Promise<boolean> {
    const flow = this.#find(packet);
    const { flags, start, end, missing } = packet;
    // Nearly always: the next bytes of a connection that is known.
    if (
      flow?.hasBegun === true &&
      !flow.hasEnded &&
      !flow.endIsKnown &&
      packet.sequence === flow.next &&
      (flags & (TcpFlag.fin | TcpFlag.syn | TcpFlag.reset)) === 0 &&
      missing === 0 &&
      !flow.hasEarly &&
      flow.reverse?.hasEarly !== true
    ) {
      if (start === end) {
        this.#report.empty++;
        return true;
      }
      this.#report.segments++;
      flow.next = (flow.next + end - start) >>> 0;
      return this.#turns.data(flow.stream, packet.bytes, start, end, timeMs, (flags & TcpFlag.push) !== 0);
    }
    return this.#takeSlowly(flow, packet, timeMs);
  }

  /** Nothing follows: gives what there is. */
  async end(): Promise<boolean> {
    for (const flow of this.#flows.values()) if (!(await flow.end())) return false;
    return true;
  }

  async #takeSlowly(known: TcpFlow | undefined, packet: Packet, timeMs: number): Promise<boolean> {
    const { flags, start, end, missing } = packet;
    const length = end - start + missing;
    const isSyn = (flags & TcpFlag.syn) !== 0;
    const sequence = isSyn ? (packet.sequence + 1) >>> 0 : packet.sequence;
    if (length === 0) this.#report.empty++;
    if (known?.reverse !== undefined && !(await this.#confirm(known.reverse, packet, timeMs))) return false;
    if ((flags & TcpFlag.reset) !== 0) return known === undefined || (await this.#end(known));

    let flow = known;
    if (flow !== undefined && isOther(flow, sequence, isSyn, length)) {
      if (!(await this.#forget(flow))) return false;
      flow = undefined;
    }
    if (flow?.hasEnded === true) {
      this.#report.repeatedBytes += length;
      return true;
    }
    // Without payload nothing says where the payload begins: it may be a probe.
    if (flow === undefined && !isSyn && length === 0) return true;
    if (flow === undefined) {
      if (!(await this.#makeRoom())) return false;
      flow = this.#add(packet);
      flow.begin(sequence, !isSyn);
    }
    if ((flags & TcpFlag.fin) !== 0) flow.endsAt((sequence + length) >>> 0);
    if (length > 0 && !(await this.#takePayload(flow, packet, sequence, timeMs))) return false;
    return flow.isAtEnd && !flow.hasEarly ? await this.#end(flow) : true;
  }

  async #takePayload(flow: TcpFlow, packet: Packet, sequence: number, timeMs: number): Promise<boolean> {
    if (packet.end > packet.start) this.#report.segments++;
    if (packet.missing > 0) this.#report.add('truncated', packet.missing);
    const before = flow.earlyBytes;
    const repeated = await flow.take(packet, sequence, timeMs, (packet.flags & TcpFlag.push) !== 0);
    if (repeated === -1) return false;
    this.#report.repeatedBytes += repeated;
    this.#earlyBytes += flow.earlyBytes - before;
    while (
      flow.hasEarly &&
      (flow.earlyBytes > MAX_EARLY_BYTES || flow.hasTooManyEarly || this.#earlyBytes > this.#maxEarlyBytes)
    )
      if (!(await this.#skipGap(flow))) return false;
    return true;
  }

  /** What the receiver has confirmed and the capture does not have, does not come. */
  async #confirm(flow: TcpFlow, packet: Packet, timeMs: number): Promise<boolean> {
    const isConfirmed =
      flow.hasEarly &&
      (packet.flags & TcpFlag.ack) !== 0 &&
      distance(flow.next, packet.acknowledged) > 0 &&
      timeMs - flow.waitsSinceMs >= CONFIRMED_MS;
    return isConfirmed ? await this.#skipGap(flow) : true;
  }

  async #skipGap(flow: TcpFlow): Promise<boolean> {
    const before = flow.earlyBytes;
    const wanted = await flow.skipGap();
    this.#earlyBytes += flow.earlyBytes - before;
    return wanted;
  }

  async #end(flow: TcpFlow): Promise<boolean> {
    if (flow.hasEnded) return true;
    const before = flow.earlyBytes;
    const wanted = await flow.end();
    this.#earlyBytes += flow.earlyBytes - before;
    this.#ended.add(flow);
    return wanted;
  }

  #find(packet: Packet): TcpFlow | undefined {
    const recent = this.#recent.get(packet);
    if (recent !== undefined && !recent.isForgotten) return recent;
    const flow = this.#flows.get(flowKey(packet));
    if (flow !== undefined) this.#recent.put(packet, flow);
    return flow;
  }

  #add(packet: Packet): TcpFlow {
    const key = flowKey(packet);
    const flow = new TcpFlow(key, flowName(packet), this.#turns);
    flow.reverse = this.#flows.get(reverseKey(packet));
    if (flow.reverse !== undefined) flow.reverse.reverse = flow;
    this.#flows.set(key, flow);
    return flow;
  }

  /** Those that have ended go first, then the oldest. */
  async #makeRoom(): Promise<boolean> {
    if (this.#flows.size < this.#maxFlows) return true;
    const [ended] = this.#ended;
    const [oldest] = this.#flows.values();
    const flow = ended ?? oldest;
    return flow === undefined || (await this.#forget(flow));
  }

  async #forget(flow: TcpFlow): Promise<boolean> {
    const wanted = await this.#end(flow);
    this.#ended.delete(flow);
    this.#flows.delete(flow.key);
    flow.isForgotten = true;
    if (flow.reverse !== undefined) flow.reverse.reverse = undefined;
    return wanted;
  }
}

/** Whether a segment is of another connection than the one that is known between these ports. */
function isOther(flow: TcpFlow, sequence: number, isSyn: boolean, length: number): boolean {
  if (isSyn) return sequence !== flow.first;
  if (length === 0) return false;
  const ahead = distance(flow.next, sequence);
  return Math.abs(ahead) > MAX_DISTANCE || (flow.hasEnded && ahead >= 0);
}
