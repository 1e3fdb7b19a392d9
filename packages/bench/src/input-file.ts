/** Files to measure with, in a temporary directory of the suite's own. */
import { mkdir, mkdtemp, open, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class InputFiles {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async open(): Promise<InputFiles> {
    return new InputFiles(await mkdtemp(join(tmpdir(), 'chipmunk-host-bench-')));
  }

  /** Writes `content` over and over, `times` times, and returns the file's path. */
  async write(name: string, content: Uint8Array, times = 1): Promise<string> {
    const path = join(this.#directory, name);
    const file = await open(path, 'w');
    try {
      for (let i = 0; i < times; i++) await file.writeFile(content);
    } finally {
      await file.close();
    }
    return path;
  }

  /** Makes an empty directory of that name, and returns its path. */
  async directory(name: string): Promise<string> {
    const path = join(this.#directory, name);
    await mkdir(path);
    return path;
  }

  /** Bytes that can still be written. */
  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#directory);
    return bavail * bsize;
  }

  async close(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}
