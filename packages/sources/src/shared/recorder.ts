/** Writes what a source delivers to files, each of which can be read again. */
import { closeSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import { parse } from 'node:path';
import { HostError } from '@chipmunk-host/runtime/internal/shared';
import { type Endpoint, fileHead, packetBlock } from './pcapng-blocks.js';
import type { RecordOptions } from './record-options.js';

/** Numbers of the files of a record, which several recorders may share: one for each input that comes at the same time. */
export class RecordNames {
  readonly #options: RecordOptions;
  readonly #kept: string[] = [];
  #segments = 0;

  constructor(options: RecordOptions) {
    this.#options = options;
  }

  nextSegment(): number {
    return ++this.#segments;
  }

  /** Name of a file. One too many is removed. @param part of the segment, from 1 */
  next(segment: number, part: number): string {
    const { file, maxBytes = Number.POSITIVE_INFINITY, maxFiles = Number.POSITIVE_INFINITY } = this.#options;
    const numbers = maxBytes === Number.POSITIVE_INFINITY ? (segment === 1 ? [] : [segment]) : [segment, part];
    const { dir, name, ext } = parse(file);
    const folder = dir === '' ? '' : dir.endsWith('/') ? dir : `${dir}/`;
    const path = `${folder}${[name, ...numbers.map((number) => String(number).padStart(6, '0'))].join('-')}${ext}`;
    this.#kept.push(path);
    for (const old of this.#kept.splice(0, Math.max(0, this.#kept.length - maxFiles))) rmSync(old, { force: true });
    return path;
  }
}

export class Recorder {
  readonly #names: RecordNames;
  readonly #maxBytes: number;
  readonly #isOfPackets: boolean;
  readonly #to: Endpoint;
  #descriptor: number | undefined;
  #path = '';
  #segment: number | undefined;
  #part = 0;
  #bytes = 0;
  #failure: HostError | undefined;

  /**
   * @param isOfPackets whether packets are written, as pcapng, in place of bytes
   * @param to where packets went to
   */
  constructor(
    names: RecordNames,
    { maxBytes = Number.POSITIVE_INFINITY }: RecordOptions,
    isOfPackets: boolean,
    to: Endpoint = { address: '', port: 0 },
  ) {
    this.#names = names;
    this.#maxBytes = maxBytes;
    this.#isOfPackets = isOfPackets;
    this.#to = to;
  }

  /** Why it cannot go on. */
  get failure(): HostError | undefined {
    return this.#failure;
  }

  /** The first file is made before anything comes, so that a folder that is missing is noticed. @throws HostError `ERR_RECORD` */
  open(): void {
    if (!this.#begin()) throw this.#failure;
  }

  /** Bytes of a stream. Returns false when it has failed. */
  write(bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.length; ) {
      if (!this.#begin()) return false;
      const part = bytes.subarray(at, at + this.#maxBytes - this.#bytes);
      if (part.length > 0 && !this.#append(part)) return false;
      at += part.length;
      if (at < bytes.length) this.#end();
    }
    return this.#failure === undefined;
  }

  /** One packet. Returns false when it has failed. @param peer as `address:port` */
  packet(bytes: Uint8Array, timestampMs: number, peer: string | undefined): boolean {
    const from = endpoint(peer);
    const isV6 = from.address.includes(':');
    const to =
      this.#to.address.includes(':') === isV6 && this.#to.address !== ''
        ? this.#to.address
        : isV6
          ? '::1'
          : '127.0.0.1';
    const block = packetBlock(bytes, timestampMs, from, { address: to, port: this.#to.port });
    if (this.#descriptor !== undefined && this.#bytes + block.length > this.#maxBytes) this.#end();
    return this.#begin() && this.#append(block);
  }

  /** What follows is another input: another file, unless nothing has come yet. */
  segment(): void {
    const isEmpty = this.#part <= 1 && this.#bytes <= (this.#isOfPackets ? fileHead().length : 0);
    if (isEmpty) return;
    this.#end();
    this.#segment = undefined;
    this.#part = 0;
  }

  close(): void {
    this.#end();
  }

  #begin(): boolean {
    if (this.#failure !== undefined) return false;
    if (this.#descriptor !== undefined) return true;
    this.#segment ??= this.#names.nextSegment();
    this.#path = this.#names.next(this.#segment, ++this.#part);
    this.#bytes = 0;
    try {
      this.#descriptor = openSync(this.#path, 'w');
    } catch (cause) {
      return this.#fail(cause as Error);
    }
    return !this.#isOfPackets || this.#append(fileHead());
  }

  /** All of it, or nothing: what cannot be written whole is taken back. */
  #append(bytes: Uint8Array): boolean {
    const descriptor = this.#descriptor as number;
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at, bytes.length - at, this.#bytes + at);
      this.#bytes += bytes.length;
      return true;
    } catch (cause) {
      try {
        if (this.#isOfPackets) ftruncateSync(descriptor, this.#bytes);
      } catch {
        // A reader tells of the block that is cut.
      }
      return this.#fail(cause as Error);
    }
  }

  #end(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    try {
      if (descriptor !== undefined) closeSync(descriptor);
    } catch (cause) {
      this.#fail(cause as Error);
    }
  }

  #fail(cause: Error): false {
    this.#failure ??= new HostError('ERR_RECORD', `Cannot record to '${this.#path}': ${cause.message}`, {
      cause,
      help: 'What was recorded before is kept. Record to a file that can be written, on a disk with room, or limit it by size and number of files.',
    });
    this.#end();
    return false;
  }
}

function endpoint(peer: string | undefined): Endpoint {
  const [, bracketed, plain = '127.0.0.1', port = '0'] = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(peer ?? '') ?? [];
  return { address: bracketed ?? plain, port: Number(port) };
}
