/**
 * The files that a log consists of from the one that is read on: when it was rotated, several times perhaps since somebody looked, the
 * rotated ones are found in its directory. All are open, so none gets lost when it is renamed or removed.
 */
import { type BigIntStats, statSync } from 'node:fs';
import type { FilePosition } from '../shared/file-position.js';
import { type FileIdentity, FollowedFile, isSameFile } from './followed-file.js';
import { type LogFile, logFiles } from './rotated-names.js';

/** Looks at a directory that changes all the time. */
const MOST_LOOKS = 50;
/** Files that were finished stay open for so long, to tell what is written to them all the same, in milliseconds. */
const LATE_MS = 60_000;
/** Finished files that are known again. */
const MOST_FINISHED = 64;

interface Finished {
  readonly file: FollowedFile;
  readonly at: number;
  /** Bytes that were written to it behind what was read. */
  lateBytes: number;
}

export class FileChain {
  readonly #path: string;
  /** The file that is read, those that follow it, and at last the one that is at the path. */
  readonly #files: FollowedFile[] = [];
  readonly #finished: Finished[] = [];
  /** Files that were there at the last look. */
  #known = new Set<string>();
  /** Files that were there at the first look. */
  #old = new Set<string>();
  readonly #copies = new WeakSet<FollowedFile>();
  #foundNextAt = Number.NEGATIVE_INFINITY;

  constructor(path: string) {
    this.#path = path;
  }

  /** The file that is read; undefined before there is one. */
  get current(): FollowedFile | undefined {
    return this.#files[0];
  }

  /** The one behind it. */
  get next(): FollowedFile | undefined {
    return this.#files[1];
  }

  /** When it was found that another file follows the current one, or several do. */
  get foundNextAt(): number {
    return this.#foundNextAt;
  }

  /** Whether a file behind the current one has something. */
  get nextHasBytes(): boolean {
    return this.#files.slice(1).some(({ size }) => size > 0);
  }

  /** Looks for files that follow. Returns whether there are. @throws the system's error when one of them cannot be opened */
  look(): boolean {
    const status = statusOf(this.#path);
    for (const file of this.#files.slice(1)) if (file.observe()) this.#knowOlder(file, logFiles(this.#path));
    const last = this.#files.at(-1);
    if (status === undefined || !status.isFile() || (last !== undefined && isSameFile(status, last))) return false;
    const found = this.#open((files) => this.#behind(last, files));
    if (found.length > 0 && this.#files.length > 0) this.#foundNextAt = performance.now();
    this.#files.push(...found);
    return found.length > 0;
  }

  /**
   * Begins with the file that a place is in, whatever it is called now, and has those that were made later follow. Returns whether it is there.
   * @throws HostError `ERR_SOURCE_READ`
   */
  async resume(place: FilePosition): Promise<boolean> {
    const files = logFiles(this.#path);
    const isNamed = (file: LogFile) => String(file.ino) === place.inode;
    // A copy has another inode, and a device may have another number after a restart of the machine.
    for (const candidate of [...files.filter(isNamed), ...files.filter((file) => !isNamed(file) && place.offset > 0)]) {
      const file = FollowedFile.open(candidate.path, candidate);
      if (file === undefined) continue;
      if (await file.has(place)) {
        file.moveTo(place.offset);
        this.#files.push(file);
        // Those that are there already come behind it, too.
        this.#known.clear();
        const behind = this.#open((now) => this.#behind(file, now));
        if (behind.length > 0) this.#foundNextAt = performance.now();
        this.#files.push(...behind);
        return true;
      }
      file.close();
    }
    return false;
  }

  /** Notes which files there are: those that were not there are new when they are found later. */
  note(): void {
    this.#known = new Set(logFiles(this.#path).map(keyOf));
    this.#old = new Set(this.#known);
  }

  /** Begins with the file that is at the path, if there is one. @throws the system's error */
  openFirst(): void {
    const file = FollowedFile.open(this.#path);
    if (file !== undefined) this.#files.push(file);
  }

  /**
   * Looks for a copy of what the current file had before it was cut. It becomes the current one, for what was not read.
   * @returns the copy, if there is one
   */
  insertCopy(): FollowedFile | undefined {
    const cut = this.current;
    const isRead = (file: LogFile) =>
      this.#files.some((open) => isSameFile(open, file)) ||
      this.#finished.some((known) => isSameFile(known.file, file));
    const files = logFiles(this.#path);
    const added = files.filter((file) => !this.#old.has(keyOf(file)) && !isRead(file));
    if (cut === undefined) return undefined;
    this.#knowOlder(cut, files);
    const found = this.#files.findIndex((file) => file !== cut && file.position === 0 && file.takeOver(cut));
    if (found !== -1) return this.#asCopy(...this.#files.splice(found, 1));
    for (const candidate of added.reverse()) {
      const copy = FollowedFile.open(candidate.path, candidate);
      if (copy?.takeOver(cut) === true) {
        this.#known.add(keyOf(candidate));
        return this.#asCopy(copy);
      }
      copy?.close();
    }
    return undefined;
  }

  /** What is older than a file that was cut is none that follows it, whether it is a copy of it or not. */
  #knowOlder(cut: FileIdentity, files: readonly LogFile[]): void {
    const at = files.findIndex((file) => isSameFile(file, cut));
    for (const file of files.slice(0, Math.max(at, 0))) this.#known.add(keyOf(file));
  }

  #asCopy(copy?: FollowedFile): FollowedFile | undefined {
    if (copy === undefined) return undefined;
    this.#files.unshift(copy);
    this.#copies.add(copy);
    return copy;
  }

  /** Whether it is a copy, which nobody writes to. */
  isCopy(file: FollowedFile): boolean {
    return this.#copies.has(file);
  }

  /** The current one is finished, and the next is read. */
  advance(): void {
    const file = this.#files.shift();
    if (file === undefined) return;
    this.#finished.push({ file, at: performance.now(), lateBytes: 0 });
    if (this.#finished.length > MOST_FINISHED) this.#finished.shift()?.file.close();
  }

  /** Bytes that were written to finished files since this was asked last, with the file. They are not read. */
  *late(): Generator<{ readonly file: FollowedFile; readonly bytes: number }> {
    for (const finished of this.#finished) {
      if (finished.file.isClosed) continue;
      const bytes = finished.file.size - finished.file.position;
      if (bytes > finished.lateBytes) {
        yield { file: finished.file, bytes: bytes - finished.lateBytes };
        finished.lateBytes = bytes;
      }
      if (performance.now() - finished.at > LATE_MS) finished.file.close();
    }
  }

  close(): void {
    for (const file of this.#files) file.close();
    for (const { file } of this.#finished) file.close();
  }

  /** In a list of which none was renamed while its files were opened, unless it never comes to rest. */
  #open(choose: (files: readonly LogFile[]) => readonly LogFile[]): readonly FollowedFile[] {
    const held = new Map<string, FollowedFile>();
    let files = logFiles(this.#path);
    for (let look = 0; ; look++) {
      const chosen = choose(files);
      for (const file of chosen) {
        const opened = held.has(keyOf(file)) ? undefined : FollowedFile.open(file.path, file);
        if (opened !== undefined) held.set(keyOf(file), opened);
      }
      const now = logFiles(this.#path);
      const found = chosen.map((file) => held.get(keyOf(file))).filter((file) => file !== undefined);
      if (look === MOST_LOOKS || (found.length === chosen.length && hasSameNames(files, now))) {
        this.#known = new Set(now.map(keyOf));
        for (const file of held.values()) if (!found.includes(file)) file.close();
        // From now on it is seen when they grow.
        for (const file of found) void file.grownAt;
        return found.map((file) => this.#knownAgain(file));
      }
      files = now;
    }
  }

  /** Those that were made behind `last`, in their order. */
  #behind(last: FileIdentity | undefined, files: readonly LogFile[]): readonly LogFile[] {
    const at = last === undefined ? -1 : files.findIndex((file) => isSameFile(file, last));
    const isCurrent = (file: LogFile) => file === files.at(-1) && file.path === this.#path;
    const later = files.filter((file, index) => {
      if (isCurrent(file)) return true;
      const isKnown = this.#known.has(keyOf(file));
      // Where the system does not say when files were made, a new one may look like one that had its inode before.
      return at === -1 ? !isKnown : index > at && !(isKnown && file.birthtimeNs > 0n);
    });
    return later.filter((file) => !this.#files.some((open) => isSameFile(open, file)));
  }

  /** One that was read before, such as when a link is switched back, is read on. */
  #knownAgain(file: FollowedFile): FollowedFile {
    const before = this.#finished.findLast((finished) => isSameFile(finished.file, file));
    if (before?.file.isContinuedIn(file) === true) file.moveTo(before.file.position);
    return file;
  }
}

function keyOf({ dev, ino, birthtimeNs }: LogFile): string {
  return `${dev}:${ino}:${birthtimeNs}`;
}

function hasSameNames(a: readonly LogFile[], b: readonly LogFile[]): boolean {
  const names = new Map(b.map((file) => [file.name, file]));
  return (
    a.length === b.length &&
    a.every((file) => {
      const other = names.get(file.name);
      return other !== undefined && isSameFile(file, other);
    })
  );
}

/** Undefined when nothing is there, or nothing that can be seen. */
export function statusOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}
