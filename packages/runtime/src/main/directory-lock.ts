/**
 * The lock between the processes that use a directory. It is a folder of claims, one file each, named by its process
 * (process-mark.ts). The rule: put a claim there, then look; who sees no other claim of a living process has the lock. Of two
 * that see each other the younger one withdraws and tries again.
 *
 * It is safe since a claim that was made before another is seen by it, and since a claim is never reused: to remove the claim of
 * a killed process cannot hit a living one's, so that nobody needs a lock to take over a lock. It needs no time limits on one
 * machine. A claim from another machine or container is dead when it was not touched for FOREIGN_STALE_MS, by the clock of
 * the file system.
 */
import { open, readdir, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeFolder } from '../shared/system/make-folder.js';
import { markOwner, newMark, parseMark } from './process-mark.js';

/** The errors of whoever has the lock. */
export interface LockErrors {
  /** @param holder who has it, in words. @param lock its folder */
  locked(holder: string, lock: string, waitMs: number): Error;
  /** No claim can be made. */
  unwritable(path: string, cause: unknown): Error;
}

export interface LockOptions {
  /** How long to wait for other holders, in milliseconds. Default 30,000; 0 means one try. */
  readonly waitMs?: number;
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_WAIT_MS = 30_000;
/** A claim is touched this often while it stands. */
const TOUCH_MS = 2000;
/** Several missed touches, and time for a slow network disk. */
const FOREIGN_STALE_MS = 15_000;
/** File systems take the time from a clock that ticks this often, or more often. */
const CLOCK_TICK_MS = 15;
/** Between two looks, at random between half of it and all of it so that two processes do not keep meeting. */
const POLL_MS = 20;

export class DirectoryLock {
  /** The folder of claims. */
  readonly folder: string;
  readonly #errors: LockErrors;

  constructor(folder: string, errors: LockErrors) {
    this.folder = folder;
    this.#errors = errors;
  }

  /**
   * Runs `work` while no other process, and nothing else in this one, holds the lock. Not reentrant: `work` must not ask for it
   * again.
   * @throws as `take`, and what `work` throws
   */
  async hold<Value>(work: () => Promise<Value>, options: LockOptions = {}): Promise<Value> {
    const release = await this.take(options);
    try {
      return await work();
    } finally {
      await release();
    }
  }

  /**
   * Takes the lock, for as long as its owner likes.
   * @returns what gives it back. It never rejects, and may be called again
   * @throws `locked` of the errors when the wait was in vain; `unwritable` when no claim can be made, as in a directory that is
   *   read-only; the signal's reason
   */
  async take({ waitMs = DEFAULT_WAIT_MS, signal }: LockOptions = {}): Promise<() => Promise<void>> {
    const deadline = performance.now() + waitMs;
    const leave = await this.#queue(deadline, waitMs, signal);
    try {
      const release = await this.#claim(deadline, waitMs, signal);
      return async () => {
        await release();
        leave();
      };
    } catch (error) {
      leave();
      throw error;
    }
  }

  /**
   * What is the same before and after something that looked at the directory when nobody had the lock meanwhile; undefined when
   * somebody has it or wants it, or had it just now. Takes no lock, and needs no right to write.
   */
  async quietMoment(): Promise<string | undefined> {
    try {
      const { mtimeNs, mtimeMs } = await stat(this.folder, { bigint: true });
      if (Math.abs(Date.now() - Number(mtimeMs)) < CLOCK_TICK_MS) return undefined;
      const claims = (await readdir(this.folder)).map(parseMark);
      return claims.every((mark) => mark !== undefined && markOwner(mark) === 'dead') ? String(mtimeNs) : undefined;
    } catch (error) {
      // Where nobody ever had the lock there is no folder.
      return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'never' : undefined;
    }
  }

  /** Whether there are claims of killed processes, which the next one to take the lock removes. */
  async hasLeftovers(): Promise<boolean> {
    const names = await readdir(this.folder).catch((): string[] => []);
    return names.map(parseMark).some((mark) => mark !== undefined && markOwner(mark) === 'dead');
  }

  /** Within this process callers go one by one, in the order in which they came. */
  async #queue(deadline: number, waitMs: number, signal: AbortSignal | undefined): Promise<() => void> {
    const before = queues.get(this.folder) ?? Promise.resolve();
    let leave = () => {};
    const mine = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const all = before.then(() => mine);
    queues.set(this.folder, all);
    void all.then(() => {
      if (queues.get(this.folder) === all) queues.delete(this.folder);
    });
    try {
      await inTime(before, deadline, signal, () => this.#locked(`this process (${process.pid})`, waitMs));
    } catch (error) {
      leave();
      throw error;
    }
    return leave;
  }

  async #claim(deadline: number, waitMs: number, signal: AbortSignal | undefined): Promise<() => Promise<void>> {
    const mark = newMark();
    const path = join(this.folder, mark);
    const touching = setInterval(() => void touch(path), TOUCH_MS);
    touching.unref();
    const release = async () => {
      clearInterval(touching);
      await unlink(path).catch(() => {});
    };
    try {
      let standing = false;
      for (;;) {
        signal?.throwIfAborted();
        if (!standing) await this.#place(path);
        standing = true;
        const rivals = await this.#rivals(mark);
        if (rivals.length === 0) return release;
        if (performance.now() >= deadline) throw this.#locked(describeHolder(rivals[0] ?? ''), waitMs);
        if (rivals.some((rival) => rival < mark)) {
          await unlink(path).catch(() => {});
          standing = false;
        }
        await delay(POLL_MS * (0.5 + Math.random() / 2));
      }
    } catch (error) {
      await release();
      throw error;
    }
  }

  async #place(path: string): Promise<void> {
    try {
      await makeFolder(this.folder);
      await (await open(path, 'wx')).close();
    } catch (error) {
      throw this.#errors.unwritable(this.folder, error);
    }
  }

  /** Claims of others that may be alive, the oldest first; those of the dead are removed. */
  async #rivals(mark: string): Promise<readonly string[]> {
    const rivals: string[] = [];
    for (const name of await this.#listed()) {
      if (name === mark) continue;
      if (await this.#isDead(name, mark)) await unlink(join(this.folder, name)).catch(() => {});
      else rivals.push(name);
    }
    return rivals.sort();
  }

  async #isDead(name: string, mark: string): Promise<boolean> {
    const parsed = parseMark(name);
    const owner = parsed === undefined ? 'unknown' : markOwner(parsed);
    if (owner !== 'unknown') return owner === 'dead';
    try {
      const [theirs, ours] = await Promise.all([stat(join(this.folder, name)), stat(join(this.folder, mark))]);
      return ours.mtimeMs - theirs.mtimeMs > FOREIGN_STALE_MS;
    } catch {
      // Gone meanwhile, or not to be known: the next look will tell.
      return false;
    }
  }

  async #listed(): Promise<readonly string[]> {
    try {
      return await readdir(this.folder);
    } catch (error) {
      throw this.#errors.unwritable(this.folder, error);
    }
  }

  #locked(holder: string, waitMs: number): Error {
    return this.#errors.locked(holder, this.folder, waitMs);
  }
}

/** The last in each lock's queue. */
const queues = new Map<string, Promise<void>>();

async function inTime(
  before: Promise<void>,
  deadline: number,
  signal: AbortSignal | undefined,
  late: () => Error,
): Promise<void> {
  signal?.throwIfAborted();
  const settled = new AbortController();
  const limit = delay(Math.max(deadline - performance.now(), 0), 'late' as const, {
    signal: signal === undefined ? settled.signal : AbortSignal.any([settled.signal, signal]),
  }).catch(() => 'aborted' as const);
  const first = await Promise.race([before.then(() => 'free' as const), limit]);
  settled.abort();
  if (first === 'free') return;
  signal?.throwIfAborted();
  throw late();
}

function describeHolder(name: string): string {
  const mark = parseMark(name);
  if (mark === undefined) return `the unknown file '${name}'`;
  const where = markOwner(mark) === 'unknown' ? ' on another machine or in another container' : '';
  return `process ${mark.pid}${where} (since ${mark.madeAt.toISOString()})`;
}

/**
 * Bytes that are written change the time of a file by the clock of its file system, which is the one that is compared. A claim
 * that is withdrawn just now is not there, and must not be made again.
 */
async function touch(path: string): Promise<void> {
  await writeFile(path, '.', { flag: 'r+' }).catch(() => {});
}
