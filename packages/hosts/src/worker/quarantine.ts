/** Keeps input on which the plugin failed, for looking into it later. What cannot be kept is a log line, no failure. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeQuarantine, QUARANTINE_EXTENSION, type QuarantinedInput } from '../shared/quarantine-file.js';

/** Of one session. */
const MAX_FILES = 100;
/** Bytes of input in one file; longer input is not kept. */
const MAX_INPUT_BYTES = 64 * 1024 * 1024;

type Circumstances = Omit<QuarantinedInput, 'offset' | 'error' | 'input'>;

export class Quarantine {
  readonly #directory: string;
  readonly #circumstances: () => Circumstances;
  readonly #warn: (message: string) => void;
  #files = 0;

  constructor(directory: string, circumstances: () => Circumstances, warn: (message: string) => void) {
    this.#directory = directory;
    this.#circumstances = circumstances;
    this.#warn = warn;
  }

  /** @param read fills memory with the input; returns how many bytes there were */
  keep(offset: number, byteLength: number, error: QuarantinedInput['error'], read: (into: Uint8Array) => number): void {
    if (this.#files >= MAX_FILES || byteLength > MAX_INPUT_BYTES) {
      this.#warn(`${byteLength} bytes at ${offset}, on which the plugin failed, are not kept: too many or too long.`);
      return;
    }
    const circumstances = this.#circumstances();
    const memory = Buffer.alloc(byteLength);
    const input = memory.subarray(0, read(memory));
    const name = circumstances.plugin.replaceAll(/[^\w.-]+/g, '_').slice(-80);
    const path = join(
      this.#directory,
      `${name}-${circumstances.hash.slice(0, 12)}-at-${offset}${QUARANTINE_EXTENSION}`,
    );
    this.#files++;
    try {
      this.#write(path, encodeQuarantine({ ...circumstances, offset, error, input }));
      this.#warn(`${input.length} bytes at ${offset}, on which the plugin failed, are kept in ${path}.`);
    } catch (cause) {
      this.#warn(`Input on which the plugin failed cannot be kept in ${path}: ${(cause as Error).message}`);
    }
  }

  /** Whole or not at all, and for its owner only: it holds a piece of the user's log. */
  #write(path: string, content: Uint8Array): void {
    const staging = `${path}.tmp`;
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    try {
      writeFileSync(staging, content, { mode: 0o600 });
      renameSync(staging, path);
    } catch (error) {
      rmSync(staging, { force: true });
      throw error;
    }
  }
}
