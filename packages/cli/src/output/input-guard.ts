/** Keeps outputs from being written over what is read, or into it: files are compared by device and inode, not by name. */
import { type BigIntStats, fstat } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from '../terminal/command-error.js';

/** Something that is read or written: a path, or a descriptor that is open already. */
export interface NamedPlace {
  /** As in a sentence: with quotes when it is a path. */
  readonly name: string;
  readonly at: string | number;
}

export const STANDARD_OUTPUT: NamedPlace = { name: 'standard output', at: 1 };
export const STANDARD_ERROR: NamedPlace = { name: 'standard error', at: 2 };

interface Output {
  readonly name: string;
  readonly identity: string | undefined;
  /** Of the directories that the file lies in. */
  readonly directories: ReadonlySet<string>;
}

export class InputGuard {
  readonly #outputs: readonly Output[];

  private constructor(outputs: readonly Output[]) {
    this.#outputs = outputs;
  }

  /** As the outputs are now, before anything is written. */
  static async of(outputs: readonly NamedPlace[]): Promise<InputGuard> {
    return new InputGuard(await Promise.all(outputs.map(outputAt)));
  }

  /** @throws UsageError when an output is one of these files, or lies in one of these directories */
  async check(inputs: readonly NamedPlace[]): Promise<void> {
    for (const input of inputs) {
      const status = await statusOf(input.at);
      if (status === undefined) continue;
      for (const output of this.#outputs) {
        if (isStream(status) && identityOf(status) === output.identity)
          throw new UsageError(
            `${output.name} is the same file as ${input.name}, which is an input: choose another output`,
          );
        if (status.isDirectory() && output.directories.has(identityOf(status)))
          throw new UsageError(`${output.name} is inside ${input.name}, which is an input: choose another output`);
      }
    }
  }
}

/** For commands that read a file and print. @throws UsageError when it is the file that standard output goes to */
export async function requireOtherThanStdout(path: string): Promise<void> {
  await (await InputGuard.of([STANDARD_OUTPUT])).check([pathPlace(path)]);
}

export function pathPlace(path: string): NamedPlace {
  return { name: `'${path}'`, at: path };
}

async function outputAt({ name, at }: NamedPlace): Promise<Output> {
  const status = await statusOf(at);
  const identity = status !== undefined && isStream(status) ? identityOf(status) : undefined;
  return { name, identity, directories: new Set(typeof at === 'string' ? await directoriesOf(at) : []) };
}

async function directoriesOf(path: string): Promise<readonly string[]> {
  const identities: string[] = [];
  const file = await realpath(path).catch(async () => {
    const parent = await realpath(dirname(resolve(path))).catch(() => dirname(resolve(path)));
    return resolve(parent, '_');
  });
  for (let directory = file; ; directory = dirname(directory)) {
    const status = await statusOf(directory);
    if (status !== undefined) identities.push(identityOf(status));
    if (dirname(directory) === directory) return identities;
  }
}

/** Whether bytes that are written to it come back when it is read; terminals, null devices and sockets may well be both. */
function isStream(status: BigIntStats): boolean {
  return status.isFile() || status.isFIFO() || status.isBlockDevice();
}

function identityOf(status: BigIntStats): string {
  return status.isBlockDevice() ? `device ${status.rdev}` : `${status.dev}:${status.ino}`;
}

async function statusOf(at: string | number): Promise<BigIntStats | undefined> {
  try {
    return typeof at === 'string' ? await stat(at, { bigint: true }) : await promisify(fstat)(at, { bigint: true });
  } catch {
    return undefined;
  }
}
