/**
 * A file that grows, is rotated, cut, replaced or appears later, as a source of bytes. Its rules for users are in docs/sources.md.
 */

import { realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { HostError } from '@chipmunk-host/runtime/internal/worker';
import { type FilePosition, isNowhere, nowhere, type Resumption } from '../shared/file-position.js';
import { DEFAULT_GRACE_MS, DEFAULT_POLL_MS } from '../shared/follow-defaults.js';
import type { FollowFileOptions } from '../shared/follow-options.js';
import { freshAt } from '../shared/fresh-event.js';
import type { Source, SourceEvent, SourceOutput } from './contract.js';
import { FileChain, statusOf } from './file-chain.js';
import { FileChanges } from './file-changes.js';
import { type FollowedFile, isAbsent } from './followed-file.js';
import { logFiles, rotatedPart } from './rotated-names.js';

/** How long is read before the event loop gets a turn, and rotation is looked for, in milliseconds. */
const TURN_MS = 25;
/** How often rotation is looked for while there is no room, in milliseconds. */
const LOOK_MS = 500;
/** Stretches of the input that are remembered, for places in them. */
const MOST_SPANS = 4096;

/** A stretch of the input that came from one file. */
interface Span {
  /** Position in the input at which it begins. */
  readonly input: number;
  readonly file: FollowedFile;
  /** Position in the file at which it begins. */
  readonly from: number;
  /** Whether the file was cut behind it: what it had is gone. */
  gone: boolean;
}

interface Settings {
  readonly path: string;
  readonly start: 'beginning' | 'end' | number;
  readonly idleMs: number;
  readonly graceMs: number;
  readonly rotation: 'segment' | 'join';
}

export class FollowSource implements Source {
  readonly #settings: Settings;
  readonly #chain: FileChain;
  readonly #changes: FileChanges;
  readonly #spans: Span[] = [];
  /** When something was delivered last. */
  #grownAt = performance.now();
  /** What was found when the input was opened. */
  #opening: SourceEvent | undefined;
  #told = new Set<string>();

  /** @param options with an absolute path */
  constructor(options: FollowFileOptions) {
    const path = String(options.file);
    const { start = 'beginning', idleMs = Number.POSITIVE_INFINITY, graceMs = DEFAULT_GRACE_MS, poll } = options;
    this.#settings = { path, start, idleMs, graceMs, rotation: options.rotation ?? 'segment' };
    const pollMs = poll === true ? DEFAULT_POLL_MS : poll === false ? undefined : poll;
    const base = basename(path);
    this.#chain = new FileChain(path);
    this.#changes = new FileChanges(
      pollMs,
      (name) => name === base || this.#isTarget(name) || rotatedPart(name, base) !== undefined,
    );
  }

  /** Resolves also when there is no such file yet. @throws HostError `ERR_SOURCE_OPEN`; `ERR_CHECKPOINT` when the place is not there any more */
  async open(resumption?: Resumption): Promise<void> {
    const { path, start } = this.#settings;
    this.#watch();
    requireFollowable(path);
    this.#chain.note();
    if (resumption === undefined || isNowhere(resumption.place)) this.#openFirst();
    else if (await this.#chain.resume(resumption.place)) this.#tellResumed();
    else {
      this.#requireStartOver(resumption);
      this.#openFirst();
    }
    const first = this.#chain.current;
    if (first === undefined)
      this.#opening = { event: 'waiting', message: `There is no file '${path}' yet: it is waited for.` };
    else if (resumption === undefined && start !== 'beginning')
      first.moveTo(start === 'end' ? first.size : first.beforeLastLines(start));
    this.#begin(0);
  }

  async run(output: SourceOutput, signal: AbortSignal): Promise<void> {
    if (this.#opening !== undefined && !(await output.event(this.#opening))) return;
    this.#grownAt = performance.now();
    for (;;) {
      const isLast = signal.aborted;
      await this.#look(output);
      const isFinished = this.#isFinished();
      const delivered = await this.#deliver(output);
      if (delivered === undefined || output.stopRequested || isLast) return;
      if (delivered > 0) this.#grownAt = performance.now();
      if (isFinished && (delivered === 0 || this.#settings.graceMs === 0)) {
        if (this.#chain.current?.hasMore === false && !(await this.#advance(output))) return;
      } else if (delivered === 0) {
        const leftMs = this.#leftMs();
        if (leftMs <= 0) return;
        await this.#changes.wait(leftMs, signal);
      }
      // What was written meanwhile is at hand, and the event loop had its turn.
      await turn();
    }
  }

  /** The place of a position in the input, also when it is closed. */
  async placeAt(offset: number): Promise<FilePosition> {
    const span = this.#spans.findLast(({ input }) => input <= offset) ?? this.#spans[0];
    if (span === undefined) return nowhere(this.#settings.path);
    return span.file.placeAt(span.gone ? 0 : span.from + offset - span.input);
  }

  async close(): Promise<void> {
    this.#changes.close();
    this.#chain.close();
  }

  #tellResumed(): void {
    const { path = '', position = 0 } = this.#chain.current ?? {};
    this.#opening = freshAt(path, position);
  }

  /** @throws HostError `ERR_CHECKPOINT` unless it was asked to begin again */
  #requireStartOver({ place: from, startOver }: Resumption): void {
    const { path } = this.#settings;
    const what = `The file of the checkpoint, '${from.path}' with ${from.offset} bytes or more, is not there any more, also not among the rotated files of '${path}'.`;
    if (!startOver)
      throw new HostError('ERR_CHECKPOINT', what, {
        help: 'Start over to read the file that is there now from its start.',
      });
    this.#opening = { event: 'fresh', message: `${what} The file that is there now is read from its start.` };
  }

  #openFirst(): void {
    const { path } = this.#settings;
    try {
      this.#chain.openFirst();
    } catch (cause) {
      throw new HostError('ERR_SOURCE_OPEN', `Cannot follow '${path}': ${(cause as Error).message}`, {
        cause,
        help: 'Check the path and your rights to it.',
      });
    }
  }

  /** Looks for files that follow; what cannot be opened is told once, and tried again. */
  async #look(output: SourceOutput): Promise<void> {
    const had = this.#chain.current;
    try {
      if (this.#chain.look()) this.#watch();
    } catch (error) {
      if (isAbsent(error)) return;
      const { code, message } = error as NodeJS.ErrnoException;
      if (!this.#told.has(String(code))) {
        this.#told.add(String(code));
        await output.event({
          event: 'waiting',
          message: `The file that '${this.#settings.path}' is now cannot be opened, and is tried again: ${message}`,
        });
      }
    }
    if (had === undefined) this.#begin(output.bytes);
    for (const { file, bytes } of this.#chain.late())
      await output.event({
        event: 'missing',
        message: `${bytes} bytes were written to '${file.path}' after it was rotated away and the next file was begun: they are not in the input.`,
        bytes,
      });
  }

  /** Whether the current file is known to get no more: its writer has gone on to another one, some time ago. */
  #isFinished(): boolean {
    const { current, next, foundNextAt, nextHasBytes } = this.#chain;
    if (current === undefined || next === undefined) return false;
    if (this.#chain.isCopy(current)) return true;
    const quietSince = Math.max(foundNextAt, current.grownAt);
    return nextHasBytes && performance.now() - quietSince >= this.#settings.graceMs;
  }

  /** How long may be waited for. */
  #leftMs(): number {
    const { graceMs, idleMs } = this.#settings;
    const { current, next, foundNextAt, nextHasBytes } = this.#chain;
    const now = performance.now();
    if (current !== undefined && next !== undefined && nextHasBytes)
      return Math.max(1, graceMs - (now - Math.max(foundNextAt, current.grownAt)));
    return this.#grownAt + idleMs - now;
  }

  /** Returns how many bytes; undefined when nothing more is wanted. */
  async #deliver(output: SourceOutput): Promise<number | undefined> {
    const until = performance.now() + TURN_MS;
    const file = this.#chain.current;
    if (file === undefined) return 0;
    for (let delivered = 0, isFull = false; ; ) {
      if (!(isFull || file.hasMore) || performance.now() > until) return delivered;
      const slot = output.tryAcquire() ?? (await this.#acquire(output));
      if (slot === undefined || output.stopRequested) return undefined;
      const count = file.read(slot);
      if (count === 'cut') {
        if (!(await this.#tellCut(output, file))) return undefined;
        return delivered + 1;
      }
      if (count > 0) output.publish(count);
      delivered += count;
      isFull = count === slot.length;
    }
  }

  /** Waits for room. Files that the log is rotated to meanwhile are opened, so that none is gone when there is room. */
  async #acquire(output: SourceOutput): Promise<Uint8Array | undefined> {
    const looking = setInterval(() => {
      try {
        this.#chain.look();
      } catch {
        // It is told at the next look.
      }
    }, LOOK_MS);
    try {
      return await output.acquire();
    } finally {
      clearInterval(looking);
    }
  }

  async #tellCut(output: SourceOutput, file: FollowedFile): Promise<boolean> {
    const { path } = this.#settings;
    const { lastCut } = file;
    for (const span of this.#spans) if (span.file === file) span.gone = true;
    const copy = this.#chain.insertCopy();
    const how =
      copy === undefined
        ? `was cut behind byte ${lastCut}`
        : `was copied to '${copy.path}' behind byte ${lastCut} and cut`;
    const since = copy === undefined ? 'behind that byte' : 'between the two';
    const message = `'${path}' ${how}, and is read from its start: how many bytes it got ${since} is not known.`;
    const note = { event: 'truncated', message, bytes: lastCut };
    // The rest of what it had, if there is a copy, belongs to what was delivered of it.
    const wanted = copy === undefined ? output.segment({ name: path, type: 'follow', note }) : output.event(note);
    if (!(await wanted)) return false;
    this.#begin(output.bytes);
    return true;
  }

  /** Goes on to the next file. */
  async #advance(output: SourceOutput): Promise<boolean> {
    const { path, rotation } = this.#settings;
    const { current } = this.#chain;
    if (current === undefined) return true;
    const now = logFiles(path).find(({ dev, ino }) => dev === current.dev && ino === current.ino);
    const where = now === undefined ? 'is not in its directory any more' : `is now '${now.name}'`;
    const note = {
      event: 'rotated',
      message: `'${path}' was rotated: the file ${where}, it was read to its end at byte ${current.position}, and the next file is read.`,
      bytes: current.position,
    };
    const wanted =
      rotation === 'join' ? await output.event(note) : await output.segment({ name: path, type: 'follow', note });
    this.#chain.advance();
    this.#begin(output.bytes);
    return wanted && (await this.#tellUnread(output));
  }

  async #tellUnread(output: SourceOutput): Promise<boolean> {
    const { unread = 0 } = this.#chain.current ?? {};
    if (unread === 0) return true;
    const message = `'${this.#settings.path}' was cut before it was its turn: ${unread} bytes or more are not in the input.`;
    return output.event({ event: 'truncated', message, bytes: unread });
  }

  /** What comes now is from the current file. */
  #begin(input: number): void {
    const { current } = this.#chain;
    if (current === undefined) return;
    this.#spans.push({ input, file: current, from: current.position, gone: false });
    if (this.#spans.length > MOST_SPANS) this.#spans.shift();
  }

  /** Has the directory of the file watched, and that of the file that it links to. */
  #watch(): void {
    const { path } = this.#settings;
    const directories = new Set([dirname(path)]);
    try {
      this.#target = realpathSync(path);
      directories.add(dirname(this.#target));
    } catch {
      this.#target = undefined;
    }
    this.#changes.watch([...directories]);
  }

  /** Where the file is that the path, as a symbolic link, leads to. */
  #target: string | undefined;

  #isTarget(name: string): boolean {
    return this.#target !== undefined && basename(this.#target) === name;
  }
}

/** @throws HostError `ERR_SOURCE_OPEN` */
function requireFollowable(path: string): void {
  const status = statusOf(path);
  if (status === undefined || status.isFile()) return;
  const kind = status.isDirectory() ? 'a directory' : 'no regular file';
  throw new HostError('ERR_SOURCE_OPEN', `'${path}' is ${kind}; expected a file that can be followed.`, {
    help: 'FIFOs and devices are read without `follow`.',
  });
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
