/**
 * Waits until something may have happened to a file: the system tells of changes in its directories, and in case that it does not, time
 * passes. An idle file costs two looks a second at most.
 */
import { type FSWatcher, statSync, watch } from 'node:fs';
import { DEFAULT_POLL_MS } from '../shared/follow-defaults.js';

/** In case that the system did not tell. */
const SAFETY_MS = 2000;

export class FileChanges {
  readonly #pollMs: number | undefined;
  readonly #concerns: (name: string) => boolean;
  /** By directory, with the inode that is watched: another directory may get the name. */
  readonly #watchers = new Map<string, { readonly watcher: FSWatcher; readonly ino: bigint }>();
  #directories: readonly string[] = [];
  #changed = false;
  #wake: (() => void) | undefined;

  /** @param concerns whether a change of a file with this name matters */
  constructor(pollMs: number | undefined, concerns: (name: string) => boolean) {
    this.#pollMs = pollMs;
    this.#concerns = concerns;
  }

  /** Has changes in these directories told, and in no others. */
  watch(directories: readonly string[]): void {
    if (this.#pollMs !== undefined) return;
    this.#directories = directories;
    for (const directory of this.#watchers.keys()) if (!directories.includes(directory)) this.#unwatch(directory);
    for (const directory of directories) this.#watch(directory);
  }

  /** Until something may have changed, or `mostMs` have passed, or the signal is aborted. */
  async wait(mostMs: number, signal: AbortSignal): Promise<void> {
    if (this.#changed || signal.aborted) {
      this.#changed = false;
      return;
    }
    let timer: NodeJS.Timeout | undefined;
    let onAbort: (() => void) | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      onAbort = resolve;
      signal.addEventListener('abort', onAbort, { once: true });
      timer = setTimeout(resolve, Math.min(mostMs, this.#intervalMs));
    });
    clearTimeout(timer);
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
    this.#wake = undefined;
    this.#changed = false;
    this.watch(this.#directories);
  }

  close(): void {
    for (const directory of [...this.#watchers.keys()]) this.#unwatch(directory);
  }

  get #intervalMs(): number {
    if (this.#pollMs !== undefined) return this.#pollMs;
    return this.#directories.every((directory) => this.#watchers.has(directory)) ? SAFETY_MS : DEFAULT_POLL_MS;
  }

  #watch(directory: string): void {
    try {
      const { ino } = statSync(directory, { bigint: true });
      const watched = this.#watchers.get(directory);
      if (watched?.ino === ino) return;
      this.#unwatch(directory);
      const watcher = watch(directory, (_, name) => this.#tell(name));
      // The system has no more watches, or the directory is gone: looks alone have to do until it can be watched again.
      watcher.on('error', () => this.#unwatch(directory));
      this.#watchers.set(directory, { watcher, ino });
      // What happened before it was watched.
      this.#tell(null);
    } catch {
      this.#unwatch(directory);
    }
  }

  #unwatch(directory: string): void {
    this.#watchers.get(directory)?.watcher.close();
    this.#watchers.delete(directory);
  }

  #tell(name: string | null): void {
    if (name !== null && !this.#concerns(name)) return;
    this.#changed = true;
    this.#wake?.();
  }
}
