/**
 * Files for plugins under test: as much of WASI as the guest library uses, over the directories that a test names. Nothing
 * keeps a plugin inside of them; a host does that.
 */
import { closeSync, fstatSync, openSync, readdirSync, readSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';

type DescriptorType = 'directory' | 'regular-file' | 'unknown';

/** Error cases by the codes of Node that tests of plugins meet. */
const ERROR_CASES: Readonly<Record<string, string>> = {
  EACCES: 'access',
  EISDIR: 'is-directory',
  ELOOP: 'loop',
  ENAMETOOLONG: 'name-too-long',
  ENOENT: 'no-entry',
  ENOTDIR: 'not-directory',
  EPERM: 'not-permitted',
};

class Descriptor {
  readonly #path: string;
  readonly #fd: number | undefined;

  constructor(path: string) {
    this.#path = path;
    this.#fd = statSync(path).isFile() ? openSync(path, 'r') : undefined;
  }

  openAt(_pathFlags: unknown, path: string): Descriptor {
    return answer(() => new Descriptor(join(this.#path, path)));
  }

  getType(): DescriptorType {
    return typeOf(this.#stats());
  }

  stat() {
    const stats = this.#stats();
    return { type: typeOf(stats), linkCount: BigInt(stats.nlink), size: BigInt(stats.size) };
  }

  read(length: bigint, offset: bigint): [bytes: Uint8Array, isEnd: boolean] {
    const fd = this.#fd;
    if (fd === undefined) throw 'is-directory';
    const bytes = new Uint8Array(Number(length));
    const count = answer(() => readSync(fd, bytes, 0, bytes.length, Number(offset)));
    return [bytes.subarray(0, count), count === 0];
  }

  readDirectory(): DirectoryEntryStream {
    const names = answer(() => readdirSync(this.#path));
    return new DirectoryEntryStream(names.map((name) => ({ name, type: typeOf(statSync(join(this.#path, name))) })));
  }

  [Symbol.dispose](): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }

  #stats(): Stats {
    return this.#fd === undefined ? statSync(this.#path) : fstatSync(this.#fd);
  }
}

interface Entry {
  readonly name: string;
  readonly type: DescriptorType;
}

class DirectoryEntryStream {
  readonly #entries: Entry[];

  constructor(entries: Entry[]) {
    this.#entries = entries;
  }

  readDirectoryEntry(): Entry | undefined {
    return this.#entries.shift();
  }
}

/** The imports of a component that reads files in these directories, by the paths that it knows them by. */
export function wasiFiles(directories: Readonly<Record<string, string>>): Record<string, Record<string, unknown>> {
  return {
    'wasi:filesystem/types': { Descriptor, DirectoryEntryStream },
    'wasi:filesystem/preopens': {
      getDirectories: () => Object.entries(directories).map(([name, path]) => [new Descriptor(path), name]),
    },
  };
}

/** The bindings take a thrown case as the error of a `result`. */
function answer<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw ERROR_CASES[(error as NodeJS.ErrnoException).code ?? ''] ?? 'io';
  }
}

function typeOf(stats: Stats): DescriptorType {
  if (stats.isFile()) return 'regular-file';
  return stats.isDirectory() ? 'directory' : 'unknown';
}
