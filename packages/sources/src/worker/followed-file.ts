/**
 * One file that is followed: open from when it was found until it is known to be finished, whatever name it has meanwhile. As long as it is open,
 * no other file gets its inode.
 */
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync, readvSync } from 'node:fs';
import { HostError } from '@chipmunk-host/runtime/internal/worker';
import type { FilePosition } from '../shared/file-position.js';
import { fingerprintOf, HEAD_BYTES, hasPrint, headPrint, tailPrint } from '../shared/fingerprint.js';

/** Read again before what follows, to notice that a file was cut and written anew. */
const OVERLAP_BYTES = 64;
const LINE_SCAN_BYTES = 64 * 1024;
const LF = 10;
const NO_BYTES = Buffer.alloc(0);
/** Opening waits for no writer of a FIFO, and makes no terminal this process's own. Windows has neither. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

/** What tells a file from all others as long as it is there. */
export interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
}

export function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

export class FollowedFile implements FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
  /** Where it lay when it was opened. */
  readonly path: string;
  readonly #descriptor: number;
  #position = 0;
  /** The last bytes before the position. */
  #tail: Buffer = Buffer.alloc(0);
  #grownTo = -1;
  #grownAt = 0;
  #observed = 0;
  #unread = 0;
  /** Its first bytes, when it was closed. */
  #head: Buffer | undefined;
  #lastCut: { readonly position: number; readonly tail: Buffer } | undefined;

  private constructor(path: string, descriptor: number, { dev, ino }: FileIdentity) {
    this.path = path;
    this.#descriptor = descriptor;
    this.dev = dev;
    this.ino = ino;
  }

  /**
   * Undefined when there is none, or nothing that can be followed.
   * @param expected the file that was seen there; another one is not opened
   * @throws the system's error, except that there is no such file
   */
  static open(path: string, expected?: FileIdentity): FollowedFile | undefined {
    let descriptor: number;
    try {
      descriptor = openSync(path, FLAGS);
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
    try {
      const status = fstatSync(descriptor, { bigint: true });
      if (status.isFile() && (expected === undefined || isSameFile(status, expected)))
        return new FollowedFile(path, descriptor, status);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
    closeSync(descriptor);
    return undefined;
  }

  /** Where the next byte is read. */
  get position(): number {
    return this.#position;
  }

  /** Whether what was read of it ends with a line, or nothing was read. */
  get endsLine(): boolean {
    return this.#tail.length === 0 || this.#tail[this.#tail.length - 1] === LF;
  }

  status(): BigIntStats {
    return this.#reading(() => fstatSync(this.#descriptor, { bigint: true }));
  }

  get size(): number {
    return Number(this.status().size);
  }

  /** Notices that the file is cut while it waits for its turn. Returns whether it was, since it was looked at last. */
  observe(): boolean {
    const { size } = this;
    const isCut = size < this.#observed;
    if (isCut) this.#unread += this.#observed;
    this.#observed = size;
    return isCut;
  }

  /** When it was seen last that something was appended to it; when it was opened, if never. */
  get grownAt(): number {
    const { size } = this;
    if (size !== this.#grownTo) {
      this.#grownTo = size;
      this.#grownAt = performance.now();
    }
    return this.#grownAt;
  }

  /** Bytes that were cut off before it was this file's turn, as far as they were seen. */
  get unread(): number {
    return this.#unread;
  }

  /** Goes on at `position`. */
  moveTo(position: number): void {
    const tail = Buffer.alloc(Math.min(OVERLAP_BYTES, position));
    this.#tail = tail.subarray(0, this.readAt(tail, position - tail.length));
    this.#position = position;
  }

  /**
   * Reads what follows into `into`; returns how many bytes: 0 when there are none yet, `cut` when what was read before is not there any
   * more: the file was cut, or written anew. The next read then begins at its start.
   * @throws HostError `ERR_SOURCE_READ`
   */
  read(into: Uint8Array): number | 'cut' {
    const tail = this.#tail;
    const again = Buffer.alloc(tail.length);
    const from = this.#position - tail.length;
    const count = this.#reading(() =>
      tail.length === 0
        ? readSync(this.#descriptor, into, 0, into.length, from)
        : readvSync(this.#descriptor, [again, into], from),
    );
    if (count < tail.length || !again.equals(tail)) {
      this.#lastCut = { position: this.#position, tail };
      this.#position = 0;
      this.#tail = Buffer.alloc(0);
      return 'cut';
    }
    const added = count - tail.length;
    this.#position += added;
    this.#keepTail(into.subarray(0, added));
    return added;
  }

  /** Whether it has something that was not read, or was cut or written anew. */
  get hasMore(): boolean {
    const tail = this.#tail;
    const again = Buffer.alloc(tail.length + 1);
    const count = this.readAt(again, this.#position - tail.length);
    return count !== tail.length || !again.subarray(0, count).equals(tail);
  }

  /** Where it was read to when it was cut last. */
  get lastCut(): number {
    return this.#lastCut?.position ?? 0;
  }

  /** Fills `into` with the bytes from `position` on, as far as there are any; returns how many. */
  readAt(into: Uint8Array, position: number): number {
    return this.#reading(() => {
      let filled = 0;
      while (filled < into.length) {
        const count = readSync(this.#descriptor, into, filled, into.length - filled, position + filled);
        if (count === 0) break;
        filled += count;
      }
      return filled;
    });
  }

  /** Where its last `lines` lines begin. A last one without a line break counts. */
  beforeLastLines(lines: number): number {
    if (lines === 0) return this.size;
    const buffer = Buffer.alloc(LINE_SCAN_BYTES);
    const { size } = this;
    let missing = lines;
    for (let end = size; end > 0; end -= LINE_SCAN_BYTES) {
      const from = Math.max(0, end - LINE_SCAN_BYTES);
      const scanned = buffer.subarray(0, this.readAt(buffer.subarray(0, end - from), from));
      for (let at = scanned.lastIndexOf(LF); at !== -1; at = at === 0 ? -1 : scanned.lastIndexOf(LF, at - 1)) {
        // That of the last line ends it, and begins none.
        if (from + at + 1 === size) continue;
        if (--missing === 0) return from + at + 1;
      }
    }
    return 0;
  }

  /** The place at byte `offset` of it, to find it again. */
  async placeAt(offset: number): Promise<FilePosition> {
    const read = this.readAt.bind(this);
    const named = { path: this.path, device: String(this.dev), inode: String(this.ino), offset };
    if (this.#head !== undefined)
      return {
        ...named,
        head: fingerprintOf(this.#head.subarray(0, offset)),
        tail: fingerprintOf(offset === this.#position ? this.#tail : NO_BYTES),
      };
    return { ...named, head: await headPrint(read, offset), tail: await tailPrint(read, offset) };
  }

  /** Whether it has what the file of `place` had. */
  async has({ offset, head, tail }: FilePosition): Promise<boolean> {
    const read = this.readAt.bind(this);
    return (await hasPrint(read, 0, head)) && (await hasPrint(read, offset - tail.bytes, tail));
  }

  get isClosed(): boolean {
    return this.#head !== undefined;
  }

  /** Whether another file has the bytes before this one's position at the same place: it is the same one. */
  isContinuedIn(other: FollowedFile): boolean {
    return other.#hasAt(this.#position, this.#tail);
  }

  /** Goes on where `cut` was read to when it was cut. Returns whether it can: it is a copy of what the other one had. */
  takeOver(cut: FollowedFile): boolean {
    const before = cut.#lastCut;
    if (before === undefined || !this.#hasAt(before.position, before.tail)) return false;
    this.moveTo(before.position);
    return true;
  }

  #hasAt(position: number, tail: Buffer): boolean {
    const found = Buffer.alloc(tail.length);
    const count = tail.length === 0 ? 0 : this.readAt(found, position - tail.length);
    return count > 0 && count === tail.length && found.equals(tail);
  }

  close(): void {
    if (this.#head !== undefined) return;
    const head = Buffer.alloc(HEAD_BYTES);
    this.#head = head.subarray(0, this.#tail.length === 0 ? 0 : this.#headAtClose(head));
    closeSync(this.#descriptor);
  }

  #headAtClose(into: Buffer): number {
    try {
      return this.readAt(into, 0);
    } catch {
      return 0;
    }
  }

  #keepTail(bytes: Uint8Array): void {
    if (bytes.length >= OVERLAP_BYTES) this.#tail = Buffer.from(bytes.subarray(bytes.length - OVERLAP_BYTES));
    else if (bytes.length > 0) this.#tail = Buffer.concat([this.#tail, bytes]).subarray(-OVERLAP_BYTES);
  }

  #reading<T>(action: () => T): T {
    // The number of its descriptor may be another file's by now.
    if (this.#head !== undefined) throw new HostError('ERR_CLOSED', `'${this.path}' is not read any more.`);
    for (;;) {
      try {
        return action();
      } catch (cause) {
        const { code, message } = cause as NodeJS.ErrnoException;
        if (code === 'EINTR') continue;
        throw new HostError('ERR_SOURCE_READ', `Cannot read '${this.path}' at byte ${this.#position}: ${message}`, {
          cause,
        });
      }
    }
  }
}

export function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP';
}
