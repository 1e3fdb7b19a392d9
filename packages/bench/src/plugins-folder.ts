/** A directory of many plugins: the string parser again and again, each with a section of its own, so that each is compiled. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STRING_PARSER } from './bench-plugins.js';

const CUSTOM_SECTION = 0;

export class PluginsFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async open(count: number): Promise<PluginsFolder> {
    const folder = new PluginsFolder(await mkdtemp(join(tmpdir(), 'chipmunk-host-bench-plugins-')));
    const binary = await readFile(STRING_PARSER);
    for (let number = 0; number < count; number++) {
      const name = `parser-${number}`;
      const directory = join(folder.path, 'parsers', name);
      await mkdir(directory, { recursive: true });
      await writeFile(join(directory, `${name}.wasm`), Buffer.concat([binary, customSection(name)]));
    }
    return folder;
  }

  /** Removes what a manager has kept. */
  async forget(): Promise<void> {
    await rm(join(this.path, '.chipmunk-host'), { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

/** Shorter than 128 bytes. */
function customSection(name: string): Buffer {
  return Buffer.from([CUSTOM_SECTION, name.length + 1, name.length, ...Buffer.from(name, 'latin1')]);
}
