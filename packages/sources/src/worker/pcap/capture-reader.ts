/** From the bytes of a capture to the payload of its packets. */
import type { PcapOptions } from '../../shared/pcap-options.js';
import type { SourceOutput } from '../contract.js';
import { CaptureFault, cutOff } from './capture-error.js';
import type { CaptureFeed } from './capture-feed.js';
import { CaptureReport } from './capture-report.js';
import { type CaptureFormat, CaptureWindow, Frame } from './capture-window.js';
import { Endpoints } from './endpoints.js';
import { IpFragments } from './ip-fragments.js';
import { isReadable, linkName } from './link-types.js';
import { Found, Packet } from './packet.js';
import { PacketFilter } from './packet-filter.js';
import { PcapRecords } from './pcap-records.js';
import { PcapngBlocks, SECTION_HEADER } from './pcapng-blocks.js';
import { TcpFlows } from './tcp-flows.js';
import { Turns } from './turns.js';

/** Half for connections that wait for their turn, half for segments that wait for others. */
const DEFAULT_HELD_BYTES = 64 * 1024 * 1024;
const DEFAULT_FLOWS = 65_536;
const MAGIC_BYTES = 4;

export type CaptureReaderOptions = Omit<PcapOptions, 'file'>;

export class CaptureReader {
  readonly #output: SourceOutput;
  readonly #filter: PacketFilter;
  readonly #deliversCut: boolean;
  readonly #window = new CaptureWindow();
  readonly #frame = new Frame();
  readonly #packet = new Packet();
  readonly #endpoints = new Endpoints();
  readonly #report = new CaptureReport();
  readonly #fragments = new IpFragments((bytes) => this.#report.add('fragment', bytes));
  readonly #turns: Turns;
  readonly #flows: TcpFlows;
  #format: CaptureFormat | undefined;
  /** Networks of packets that were refused, until one is read. */
  #refused: Set<number> | undefined = new Set();

  constructor(output: SourceOutput, options: CaptureReaderOptions) {
    this.#output = output;
    this.#filter = new PacketFilter(options.payload, options.filters);
    this.#deliversCut = options.cut === 'deliver';
    const { maxHeldBytes = DEFAULT_HELD_BYTES, maxWaitMs = Number.POSITIVE_INFINITY } = options;
    const half = Math.ceil(maxHeldBytes / 2);
    this.#turns = new Turns(output, { maxWaitMs, maxHeldBytes: half });
    this.#flows = new TcpFlows(this.#turns, this.#report, {
      maxFlows: options.maxFlows ?? DEFAULT_FLOWS,
      maxEarlyBytes: half,
    });
  }

  /**
   * Reads until the feed or the reader's interest ends, or `signal` is aborted: then what is at hand is delivered.
   * @throws CaptureFault, or what the feed throws, behind everything that was captured before it
   */
  async read(feed: CaptureFeed, signal?: AbortSignal): Promise<void> {
    let fault: unknown;
    try {
      if (!(await this.#readAll(feed, signal))) return;
    } catch (error) {
      fault = error;
    }
    if (!(await this.#end()) || signal?.aborted === true) return;
    fault ??= this.#endFault();
    if (fault !== undefined) throw fault;
  }

  /** @returns false: the reader wants no more */
  async #readAll(feed: CaptureFeed, signal: AbortSignal | undefined): Promise<boolean> {
    const window = this.#window;
    for (;;) {
      if (signal?.aborted === true) return true;
      const count = await feed.read(window.space());
      if (count === 0) return true;
      window.filled(count);
      if (this.#format === undefined) {
        if (window.length < MAGIC_BYTES) continue;
        this.#format = this.#detect();
      }
      if (!(await this.#takeFrames(this.#format))) return false;
    }
  }

  async #takeFrames(format: CaptureFormat): Promise<boolean> {
    const frame = this.#frame;
    while (format.next(frame)) {
      const wanted = this.#take(frame);
      if (wanted !== true && !(await wanted)) return false;
      if (this.#report.isDue && !(await this.#report.send(this.#output))) return false;
    }
    return !this.#output.stopRequested;
  }

  #detect(): CaptureFormat {
    const magic = this.#window.view.getUint32(this.#window.at);
    if (magic === SECTION_HEADER)
      return new PcapngBlocks(this.#window, (count) => this.#report.add('dropped', 0, count));
    if (PcapRecords.isMagic(magic)) return new PcapRecords(this.#window, magic);
    throw new CaptureFault(
      `is no capture of packets: it begins with ${magic.toString(16).padStart(8, '0')}; expected pcap or pcapng`,
      'The editcap program of Wireshark converts other captures.',
    );
  }

  #take({ start, end, wireLength, timeMs, linkType }: Frame): boolean | Promise<boolean> {
    const { bytes } = this.#window;
    this.#report.packets++;
    if (!isReadable(linkType)) return this.#refuse(linkType);
    this.#refused = undefined;
    const packet = this.#packet;
    const captured = end - start;
    let found = packet.read(bytes, start, end, linkType, wireLength <= captured);
    if (found === Found.fragment) {
      if (!this.#filter.acceptsIp(packet)) return this.#filtered();
      if (!this.#fragments.add(packet, timeMs)) return true;
      found = packet.readTransport();
    }
    if (found > Found.tcp) return this.#leaveOut(found, packet, wireLength - captured);
    if (!this.#filter.acceptsIp(packet) || !this.#filter.acceptsPorts(packet)) return this.#filtered();
    return found === Found.udp ? this.#takeDatagram(packet, timeMs) : this.#flows.take(packet, timeMs);
  }

  #takeDatagram(packet: Packet, timeMs: number): boolean | Promise<boolean> {
    if (packet.missing > 0) {
      this.#report.add('truncated', packet.missing);
      if (!this.#deliversCut) return true;
    }
    if (packet.start === packet.end) {
      this.#report.empty++;
      return true;
    }
    this.#report.datagrams++;
    return this.#turns.datagram(packet.bytes, packet.start, packet.end, timeMs, this.#endpoints.sender(packet));
  }

  #leaveOut(found: Found, packet: Packet, missing: number): true {
    if (found === Found.other) this.#report.addOther(packet.otherProtocol);
    else if (found === Found.cut) this.#report.add('truncated', Math.max(0, missing));
    else this.#report.add('malformed');
    return true;
  }

  #filtered(): true {
    this.#report.filtered++;
    return true;
  }

  #refuse(linkType: number): true {
    this.#refused?.add(linkType);
    this.#report.addRefused(linkName(linkType));
    // All packets of this format are of one network.
    if (this.#format instanceof PcapRecords) throw refusedFault([linkType]);
    return true;
  }

  async #end(): Promise<boolean> {
    this.#fragments.end();
    if (!(await this.#flows.end()) || !(await this.#turns.end())) return false;
    this.#report.end();
    return await this.#report.send(this.#output);
  }

  #endFault(): CaptureFault | undefined {
    const unfinished = this.#format === undefined ? 'its header' : this.#format.unfinished();
    if (unfinished !== undefined) return cutOff(this.#window.position, unfinished);
    if (this.#refused === undefined || this.#refused.size === 0) return undefined;
    return refusedFault([...this.#refused]);
  }
}

function refusedFault(linkTypes: readonly number[]): CaptureFault {
  return new CaptureFault(
    `has only packets of networks that are not read: ${linkTypes.slice(0, 3).map(linkName).join('; ')}`,
    'Expected Ethernet, Linux cooked, raw IP or loopback. Capture where packets of IP can be seen, or convert the capture first.',
  );
}
