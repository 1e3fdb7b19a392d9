/**
 * Notices that something has changed in a plugins directory. What the file system tells is only taken as a hint to look
 * again: it may tell too little, twice, or nothing at all, as on some network file systems. So it is looked at from time to
 * time, too, and more often where it cannot be watched.
 */
import { type FSWatcher, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type OptionTable, option, requireOptions } from '@chipmunk-host/runtime/internal/options';

/** How changes of the plugins directory are noticed. */
export interface WatchOptions {
  /** How long nothing must have changed before it is looked, in milliseconds. Default 200. */
  readonly debounceMs?: number | undefined;
  /**
   * How often it is looked without being told to, in milliseconds. Default 10,000; Infinity: never, unless the directory cannot be
   * watched: then it is every 2,000; 0 is refused.
   */
  readonly pollMs?: number | undefined;
}

const OPTIONS: OptionTable<WatchOptions> = { debounceMs: option.delay, pollMs: option.timeLimit };

/** @throws HostError `ERR_INVALID_OPTION` */
export function requireWatchOptions(options: WatchOptions): void {
  requireOptions('The options of watch', options, OPTIONS);
}

const DEFAULT_DEBOUNCE_MS = 200;
const DEFAULT_POLL_MS = 10_000;
const UNWATCHED_POLL_MS = 2000;
/** A file that is written without end must not keep the others from being seen. */
const MAX_DEBOUNCES = 10;

export interface WatchParts extends WatchOptions {
  /** Folders that hold the directories of plugins. */
  readonly folders: readonly string[];
  /** Looks at the directory. */
  readonly onChange: () => Promise<void>;
  readonly onWarning: (message: string) => void;
}

export class DirectoryWatch implements AsyncDisposable {
  readonly #parts: WatchParts;
  readonly #debounceMs: number;
  readonly #watchers = new Map<string, FSWatcher>();
  #timer: NodeJS.Timeout | undefined;
  #poll: NodeJS.Timeout | undefined;
  #firstHint: number | undefined;
  /** What could not be watched, and was reported. */
  readonly #unwatched = new Set<string>();
  #looking: Promise<void> = Promise.resolve();
  #isClosed = false;

  private constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#debounceMs = parts.debounceMs ?? DEFAULT_DEBOUNCE_MS;
  }

  /** When this resolves, changes from now on are noticed, and those until now were looked at. */
  static async start(parts: WatchParts): Promise<DirectoryWatch> {
    const started = new DirectoryWatch(parts);
    await started.#look();
    return started;
  }

  /** Stops. What is being looked at now is looked at to the end. Calling it again does nothing. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#poll);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
    await this.#looking;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #watchAll(): Promise<void> {
    const wanted = new Set(this.#parts.folders);
    for (const folder of this.#parts.folders) {
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      // A link may lead to a directory.
      for (const entry of entries)
        if (entry.isDirectory() || entry.isSymbolicLink()) wanted.add(join(folder, entry.name));
    }
    if (this.#isClosed) return;
    for (const [path, watcher] of this.#watchers) {
      if (wanted.has(path)) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
    for (const path of this.#unwatched) if (!wanted.has(path)) this.#unwatched.delete(path);
    for (const path of wanted) if (!this.#watchers.has(path)) this.#watchOne(path);
    this.#schedulePoll();
  }

  #watchOne(path: string): void {
    try {
      const watcher = watch(path, { persistent: false }, () => this.#hint());
      watcher.on('error', () => {
        watcher.close();
        this.#watchers.delete(path);
        this.#hint();
      });
      this.#watchers.set(path, watcher);
      this.#unwatched.delete(path);
    } catch (error) {
      if (this.#unwatched.has(path)) return;
      this.#unwatched.add(path);
      // What is gone already is seen when it is looked.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        this.#parts.onWarning(`${path} cannot be watched, so it is checked at intervals: ${(error as Error).message}`);
    }
  }

  #hint(): void {
    if (this.#isClosed) return;
    const now = performance.now();
    this.#firstHint ??= now;
    if (this.#timer !== undefined && now - this.#firstHint > MAX_DEBOUNCES * this.#debounceMs) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), this.#debounceMs).unref();
  }

  #look(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#firstHint = undefined;
    this.#looking = this.#looking.then(async () => {
      if (this.#isClosed) return;
      // First, so that what changes while it is looked is noticed.
      await this.#watchAll();
      try {
        await this.#parts.onChange();
      } catch (error) {
        this.#parts.onWarning(`The plugins directory cannot be read: ${(error as Error).message}`);
      }
    });
    return this.#looking;
  }

  #schedulePoll(): void {
    clearTimeout(this.#poll);
    const asked = this.#parts.pollMs ?? DEFAULT_POLL_MS;
    const isBlind = this.#unwatched.size > 0;
    const pollMs = isBlind ? Math.min(asked, UNWATCHED_POLL_MS) : asked;
    // A timer of Infinity would fire at once.
    if (Number.isFinite(pollMs)) this.#poll = setTimeout(() => void this.#look(), pollMs).unref();
  }
}
