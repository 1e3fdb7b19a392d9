/** Keeps input on which the plugin failed, for looking into it later. What cannot be kept is counted, and a line of the log. */
import { randomUUID } from 'node:crypto';
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { QuarantineAccount, type QuarantineRequest } from '../../shared/protocol/quarantine-account.js';
import {
  decodeQuarantine,
  encodeQuarantine,
  QUARANTINE_EXTENSION,
  type QuarantinedInput,
} from '../../shared/quarantine-file.js';

/** Of one session. */
const MAX_FILES = 100;
/** Bytes of input in one file; longer input is not kept. */
const MAX_INPUT_BYTES = 64 * 1024 * 1024;
/** Files of one name, with numbers: of other inputs on which the same plugin failed at the same position. */
const MAX_SAME_NAMES = 1000;

type Circumstances = Omit<QuarantinedInput, 'offset' | 'error' | 'input'>;

export class Quarantine {
  readonly #directory: string;
  readonly #account: QuarantineAccount;
  readonly #circumstances: () => Circumstances;
  readonly #warn: (message: string) => void;

  constructor(
    { directory, account }: QuarantineRequest,
    circumstances: () => Circumstances,
    warn: (message: string) => void,
  ) {
    this.#directory = directory;
    this.#account = new QuarantineAccount(account);
    this.#circumstances = circumstances;
    this.#warn = warn;
  }

  /** @param read fills memory with the input; returns how many bytes there were */
  keep(offset: number, byteLength: number, error: QuarantinedInput['error'], read: (into: Uint8Array) => number): void {
    if (this.#account.kept >= MAX_FILES || byteLength > MAX_INPUT_BYTES) {
      this.#account.addSkipped();
      this.#warn(`${byteLength} bytes at ${offset}, on which the plugin failed, are not kept: too many or too long.`);
      return;
    }
    try {
      const circumstances = this.#circumstances();
      const memory = Buffer.alloc(byteLength);
      const input = memory.subarray(0, read(memory));
      const path = this.#write({ ...circumstances, offset, error, input });
      this.#account.addKept();
      this.#warn(`${input.length} bytes at ${offset}, on which the plugin failed, are kept in ${path}.`);
    } catch (cause) {
      const reason = `Input on which the plugin failed cannot be kept in '${this.#directory}': ${(cause as Error).message}`;
      this.#account.addFailed(reason);
      this.#warn(reason);
    }
  }

  /**
   * Whole or not at all, for its owner only, since it holds a piece of the user's log, and never over another file.
   * @returns its path
   */
  #write(quarantined: QuarantinedInput): string {
    const name = nameOf(quarantined);
    const staging = join(this.#directory, `.${randomUUID()}.tmp`);
    try {
      writeFileSync(staging, encodeQuarantine(quarantined), { mode: 0o600, flag: 'wx' });
      for (let number = 1; number <= MAX_SAME_NAMES; number++) {
        const path = join(this.#directory, `${name}${number === 1 ? '' : `-${number}`}${QUARANTINE_EXTENSION}`);
        if (placed(staging, path) || isKept(path, quarantined)) return path;
      }
      throw new Error(`${MAX_SAME_NAMES} files named '${name}' exist already`);
    } finally {
      rmSync(staging, { force: true });
    }
  }
}

function nameOf({ plugin, hash, offset }: QuarantinedInput): string {
  const name = plugin.replaceAll(/[^\w.-]+/g, '_').slice(-80);
  return `${name}-${hash.slice(0, 12)}-at-${offset}`;
}

/** Gives a file its name. @returns false when there is one of that name */
function placed(staging: string, path: string): boolean {
  try {
    linkSync(staging, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
  }
  // Not all file systems have hard links.
  if (existsSync(path)) return false;
  renameSync(staging, path);
  return true;
}

/** Whether a file has the same input already, as of another run over the same log. */
function isKept(path: string, { config, input }: QuarantinedInput): boolean {
  try {
    const kept = decodeQuarantine(readFileSync(path));
    return Buffer.compare(kept.input, input) === 0 && isDeepStrictEqual(kept.config, config);
  } catch {
    return false;
  }
}
