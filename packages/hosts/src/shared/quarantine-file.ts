/**
 * Input on which a plugin failed, kept in a file with all that is needed to try it again: one msgpack map.
 */
import { HostError, type SerializedError } from '@chipmunk-host/runtime/internal/shared';
import { pack, unpack } from 'msgpackr';
import type { ConfigItem, LogLevel } from './config/config-schema.js';

const FORMAT = 1;
export const QUARANTINE_EXTENSION = '.quarantine';

/** Input on which a parser failed, with what is needed to repeat it: what `readQuarantine` reads. */
export interface QuarantinedInput {
  /** The plugin's name or path, as it was given. */
  readonly plugin: string;
  /** SHA-256 of the plugin's binary, in hexadecimal. */
  readonly hash: string;
  readonly apiVersion: string;
  readonly config: readonly ConfigItem[];
  readonly logLevel: LogLevel;
  /** Position in the original input of the first byte of `input`. */
  readonly offset: number;
  /** What the plugin did when it was given `input` first thing. */
  readonly error: Omit<SerializedError, 'cause'>;
  readonly input: Uint8Array;
}

export function encodeQuarantine(quarantined: QuarantinedInput): Uint8Array {
  return pack({ format: FORMAT, ...quarantined });
}

/** @throws HostError `ERR_QUARANTINE` when the bytes are no such file */
export function decodeQuarantine(bytes: Uint8Array): QuarantinedInput {
  let decoded: Partial<QuarantinedInput> & { format?: unknown };
  try {
    decoded = Object(unpack(bytes));
  } catch (cause) {
    throw new HostError('ERR_QUARANTINE', 'This is not a quarantine file: it is not msgpack.', { cause });
  }
  const { format, ...quarantined } = decoded;
  if (format === FORMAT && isQuarantined(quarantined)) return quarantined;
  throw new HostError(
    'ERR_QUARANTINE',
    format === undefined || format === FORMAT
      ? 'This is not a quarantine file, or it is damaged.'
      : `The quarantine file has format ${format}; expected ${FORMAT}.`,
  );
}

function isQuarantined(value: Partial<QuarantinedInput>): value is QuarantinedInput {
  const { plugin, hash, apiVersion, config, logLevel, offset, error, input } = value;
  const texts = [plugin, hash, apiVersion, logLevel];
  return (
    texts.every((text) => typeof text === 'string') &&
    Array.isArray(config) &&
    Number.isSafeInteger(offset) &&
    typeof error === 'object' &&
    input instanceof Uint8Array
  );
}
