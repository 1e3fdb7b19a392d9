/** Appends elements to a spool, as they are. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DirectoryLock } from '@chipmunk-host/runtime/internal';
import { noticeAppend } from '../append-notices.js';
import { FileStore } from '../file-store.js';
import { frameBytes } from '../portable/frame-header.js';
import { Segment } from '../portable/segment.js';
import type { SpoolAbout } from '../portable/segment-header.js';
import { encodeHeader } from '../portable/segment-header.js';
import { SpoolError } from '../portable/spool-error.js';
import { segmentName } from '../portable/spool-format.js';
import { compressSegment, removeSegment } from './compressed-segment.js';
import { frameOf } from './frame-of.js';
import { SegmentWriter } from './segment-writer.js';
import { type SpoolLimits, type SpoolOptions, spoolLimits } from './spool-options.js';
import { type FoundSpool, recoverSpool } from './spool-recovery.js';
import { unwritable } from './write-files.js';

/** A segment that is finished. */
interface FinishedSegment {
  readonly number: number;
  readonly compressed: boolean;
  readonly bytes: number;
  /** When its last frame was appended. */
  readonly writtenAt: number;
}

/** Of the time that rows stay, a segment has so much. */
const SEGMENTS_OF_AGE = 8;

/** The only writer of a spool, as long as it is open. */
export class SpoolWriter {
  /** The directory of the spool. */
  readonly directory: string;
  /** What is said of the rows. */
  readonly about: SpoolAbout;
  /** Bytes behind the last whole frame, which an interrupted writer had left: they were cut off. */
  readonly cutBytes: number;
  readonly #limits: SpoolLimits;
  readonly #release: () => Promise<void>;
  readonly #finished: FinishedSegment[] = [];
  #segment: SegmentWriter | undefined;
  #nextSegment = 1;
  #nextFrame = 0;
  #nextRow = 0;
  #nextSource = 0;
  #writtenAt = 0;
  /** One is compressed while the next one is written. */
  #compressing: Promise<void> = Promise.resolve();
  /** Calls are served one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #error: SpoolError | undefined;
  #closing: Promise<void> | undefined;

  private constructor(
    directory: string,
    about: SpoolAbout,
    limits: SpoolLimits,
    found: FoundSpool,
    release: () => Promise<void>,
  ) {
    this.directory = directory;
    this.about = about;
    this.cutBytes = found.cutBytes;
    this.#limits = limits;
    this.#release = release;
  }

  /**
   * Opens the spool of a directory to append to it; makes it when there is none.
   * @throws HostError `ERR_INVALID_OPTION`; SpoolError `ERR_SPOOL_LOCKED` when another writer has it, `ERR_SPOOL_ELEMENT` when it has rows of
   *   another parser, `ERR_SPOOL_DAMAGED` when its end cannot be found, `ERR_SPOOL_WRITE`; the signal's reason
   */
  static async open(directory: string, options: SpoolOptions = {}): Promise<SpoolWriter> {
    const limits = spoolLimits(options);
    const { waitMs = 0, signal } = options;
    const release = await lockOf(directory).take({ waitMs, signal });
    const store = new FileStore(directory);
    try {
      const found = await recoverSpool(directory, store);
      const about = aboutOf(directory, found, options.about);
      const writer = new SpoolWriter(directory, about, limits, found, release);
      await writer.#begin(found);
      return writer;
    } catch (error) {
      await release();
      throw unwritable(directory, error);
    } finally {
      await store.close();
    }
  }

  /** Number of the row that is appended next. */
  get nextRow(): number {
    return this.#nextRow;
  }

  /** Number of the frame that is appended next. */
  get nextFrame(): number {
    return this.#nextFrame;
  }

  /** The lowest number that no input of the spool has. */
  get nextSource(): number {
    return this.#nextSource;
  }

  /** Bytes of all files. */
  get bytes(): number {
    return this.#finished.reduce((sum, { bytes }) => sum + bytes, this.#segment?.bytes ?? 0);
  }

  /**
   * Appends a batch, a gap or a restart, as its bytes are. When this resolves, it is written: readers see it, and it outlives this process.
   * @param element need not stay valid behind this
   * @throws SpoolError `ERR_SPOOL_ELEMENT` when these are no element; `ERR_SPOOL_WRITE` when it could not be written: nothing of it is there then,
   *   what was appended before is whole, and nothing more can be appended
   */
  append(element: Uint8Array): Promise<void> {
    return this.#inTurn(() => this.#append(element));
  }

  /** Writes to the disk what the system still holds back. @throws SpoolError `ERR_SPOOL_WRITE` */
  sync(): Promise<void> {
    return this.#inTurn(async () => this.#segment?.sync());
  }

  /**
   * Ends writing: the index is whole, and another writer may open the spool. Calling it again does nothing.
   * @throws SpoolError `ERR_SPOOL_WRITE`
   */
  close(): Promise<void> {
    this.#closing ??= this.#turn.catch(() => {}).then(() => this.#close());
    return this.#closing;
  }

  /** The same as `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    if (this.#closing !== undefined)
      return Promise.reject(
        new SpoolError('ERR_SPOOL_WRITE', `The spool '${this.directory}' was closed.`, {
          help: 'Open it again to append.',
        }),
      );
    const result = this.#turn.then(() => this.#guarded(work));
    this.#turn = result.catch(() => {});
    return result;
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    if (this.#error !== undefined) throw this.#error;
    try {
      await work();
    } catch (error) {
      if (error instanceof SpoolError && error.code === 'ERR_SPOOL_ELEMENT') throw error;
      this.#error = unwritable(this.directory, error);
      throw this.#error;
    }
  }

  async #begin({ list }: FoundSpool): Promise<void> {
    if (list === undefined) {
      // Readers may open it before there is anything in it.
      this.#segment = await this.#nextOne(Date.now());
      return;
    }
    for (const { entry } of list.blocks()) {
      this.#nextSource = Math.max(this.#nextSource, entry.source + 1);
      this.#writtenAt = entry.writtenAt;
    }
    for (const segment of list.segments)
      this.#finished.push({
        number: segment.number,
        compressed: segment.header.compressed,
        bytes: segment.end.position + segment.entries.length + segment.header.byteLength,
        writtenAt: segment.blocks === 0 ? segment.header.createdAt : segment.block(segment.blocks - 1).entry.writtenAt,
      });
    this.#nextFrame = list.endFrame;
    this.#nextRow = list.endRow;
    const last = list.segments.at(-1);
    if (last === undefined) return;
    this.#nextSegment = last.number + 1;
    const { header } = last;
    if (header.compressed) return;
    const indexPosition = encodeHeader('index', header).length + last.entries.length;
    this.#segment = await SegmentWriter.resume(this.directory, header, { position: last.end.position, indexPosition });
    this.#finished.pop();
  }

  async #append(element: Uint8Array): Promise<void> {
    const frame = frameOf(element, this.#nextFrame, this.#nextRow);
    const bytes = frameBytes(frame);
    if (this.#isOver(bytes, frame.writtenAt)) await this.#finish();
    await this.#makeRoom(bytes, frame.writtenAt);
    this.#segment ??= await this.#nextOne(frame.writtenAt);
    await this.#segment.append(frame, element);
    this.#nextFrame++;
    this.#nextRow += frame.rows;
    this.#nextSource = Math.max(this.#nextSource, frame.source + 1);
    this.#writtenAt = frame.writtenAt;
    noticeAppend(this.directory);
  }

  /** Whether the segment is large or old enough. One that has nothing takes a frame of any size. */
  #isOver(bytes: number, now: number): boolean {
    const segment = this.#segment;
    if (segment === undefined || segment.isEmpty) return false;
    const { segmentBytes, maxAgeMs, maxBytes } = this.#limits;
    const isAlone = this.#finished.length === 0 && segment.bytes + bytes > maxBytes;
    return (
      isAlone || segment.bytes + bytes > segmentBytes || now - segment.header.createdAt > maxAgeMs / SEGMENTS_OF_AGE
    );
  }

  /** Removes segments from the oldest on, as far as the limits want it. */
  async #makeRoom(bytes: number, now: number): Promise<void> {
    const { maxBytes, maxAgeMs, compressionLevel } = this.#limits;
    for (let oldest = this.#finished[0]; oldest !== undefined; oldest = this.#finished[0]) {
      if (this.bytes + bytes <= maxBytes && now - oldest.writtenAt <= maxAgeMs) return;
      if (compressionLevel !== undefined) await this.#compressing;
      const { number, compressed } = this.#finished.shift() ?? oldest;
      await removeSegment(this.directory, number, compressed);
    }
  }

  #nextOne(now: number): Promise<SegmentWriter> {
    return SegmentWriter.create(this.directory, {
      compressed: false,
      id: randomBytes(8).readBigUInt64LE(),
      number: this.#nextSegment++,
      firstFrame: this.#nextFrame,
      firstRow: this.#nextRow,
      createdAt: now,
      about: this.about,
    });
  }

  async #finish(): Promise<void> {
    const segment = this.#segment;
    if (segment === undefined) return;
    this.#segment = undefined;
    await segment.close();
    const { number } = segment.header;
    this.#finished.push({ number, compressed: false, bytes: segment.bytes, writtenAt: this.#writtenAt });
    const { compressionLevel } = this.#limits;
    if (compressionLevel === undefined) return;
    await this.#compressing;
    this.#compressing = this.#compress(number, compressionLevel);
    // Whoever waits for it next gets the error.
    this.#compressing.catch(() => {});
  }

  async #compress(number: number, level: number): Promise<void> {
    const store = new FileStore(this.directory);
    try {
      const name = { name: segmentName(number, false), number, compressed: false };
      const segment = await Segment.open(store, name);
      if (segment === undefined || segment === 'damaged') return;
      segment.finish();
      const bytes = await compressSegment(this.directory, segment, level);
      const at = this.#finished.findIndex((each) => each.number === number);
      const plain = this.#finished[at];
      if (plain !== undefined) this.#finished[at] = { ...plain, compressed: true, bytes };
    } finally {
      await store.close();
    }
  }

  async #close(): Promise<void> {
    try {
      const { compressionLevel } = this.#limits;
      const isEmpty = this.#segment?.isEmpty ?? true;
      if (compressionLevel !== undefined && !isEmpty && this.#error === undefined) await this.#finish();
      else {
        const segment = this.#segment;
        this.#segment = undefined;
        await segment?.close();
      }
      await this.#compressing;
    } catch (error) {
      // What kept an append from being written was said then.
      if (this.#error === undefined) throw unwritable(this.directory, error);
    } finally {
      await this.#release();
      noticeAppend(this.directory);
    }
  }
}

/** The lock between writers. Its folder is part of the spool, so it makes the directory of the spool. */
function lockOf(directory: string): DirectoryLock {
  return new DirectoryLock(join(directory, 'lock'), {
    locked: (holder, lock, waitMs) =>
      new SpoolError(
        'ERR_SPOOL_LOCKED',
        `The spool '${directory}' is written by ${holder}, which holds the lock ${lock}. Waited ${waitMs} ms.`,
        {
          help: 'Wait until it has finished, or name another directory; any number of readers may open it.',
        },
      ),
    unwritable: (_path, cause) => unwritable(directory, cause),
  });
}

function aboutOf(directory: string, { list }: FoundSpool, asked: SpoolAbout | undefined): SpoolAbout {
  if (list === undefined) return asked ?? {};
  const there = list.about;
  if (asked === undefined || sameAbout(there, asked)) return there;
  const whose = there.parser === undefined ? 'other columns' : `rows of the parser '${there.parser}'`;
  const mine = asked.parser === undefined ? 'others' : `rows of '${asked.parser}'`;
  throw new SpoolError(
    'ERR_SPOOL_ELEMENT',
    `The spool '${directory}' has ${whose}; ${mine} with other columns do not belong into it.`,
    {
      help: 'Name another directory, one for each parser and configuration.',
    },
  );
}

function sameAbout(one: SpoolAbout, other: SpoolAbout): boolean {
  const text = ({ parser, renderOptions }: SpoolAbout) => JSON.stringify([parser, renderOptions]);
  return text(one) === text(other);
}
