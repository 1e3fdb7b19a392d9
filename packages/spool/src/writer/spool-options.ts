/** What a writer can be told, with the defaults, and the checks of it. */
import { HostError } from '@chipmunk-host/runtime';
import { type OptionTable, option, requireOptions } from '@chipmunk-host/runtime/internal/options';
import type { SpoolAbout } from '../portable/segment-header.js';
import { compressor } from '../zstd.js';

/** How a spool is written. */
export interface SpoolOptions {
  /** What the rows are: the parser and its render options. A spool that is there already must be of the same. Default: nothing is said. */
  readonly about?: SpoolAbout | undefined;
  /** Bytes behind which a segment is finished, at least 64 KiB. Default 256 MiB, or an eighth of `maxBytes` where that is less. */
  readonly segmentBytes?: number | undefined;
  /** Bytes that all files may take together. The oldest segments are removed. Default: no limit; at least 256 KiB. */
  readonly maxBytes?: number | undefined;
  /** How long rows stay, in milliseconds, at least 1,000: older segments are removed when something is appended. Default: no limit. */
  readonly maxAgeMs?: number | undefined;
  /** `zstd`: segments are compressed when they are finished, and at the close. Needs Node.js 22.15 or later. Default `none`. */
  readonly compression?: 'none' | 'zstd' | undefined;
  /** Of zstd, from 1 to 19. Default 3. */
  readonly compressionLevel?: number | undefined;
  /** How long to wait for another writer to close, in milliseconds. Default 0: it is refused at once. */
  readonly waitMs?: number | undefined;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
}

/** The options with what stands in their place. */
export interface SpoolLimits {
  readonly segmentBytes: number;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  readonly compressionLevel: number | undefined;
}

export const DEFAULT_SEGMENT_BYTES = 256 * 1024 * 1024;
const DEFAULT_COMPRESSION_LEVEL = 3;
/** So that removing one leaves the others. */
const SEGMENTS = 8;
/** Positions in blocks are counted in 32 bits. */
const MOST_SEGMENT_BYTES = 0x7fff_ffff;

export const SPOOL_OPTIONS: OptionTable<SpoolOptions> = {
  about: option.object,
  segmentBytes: option.whole(64 * 1024, MOST_SEGMENT_BYTES),
  maxBytes: option.limit(256 * 1024, Number.MAX_SAFE_INTEGER),
  maxAgeMs: option.limit(1000, Number.MAX_SAFE_INTEGER),
  compression: option.oneOf(['none', 'zstd']),
  compressionLevel: option.whole(1, 19),
  waitMs: option.delay,
  signal: option.signal,
};

/** @throws HostError `ERR_INVALID_OPTION` */
export function spoolLimits(options: SpoolOptions): SpoolLimits {
  requireOptions('The options of the spool', options, SPOOL_OPTIONS);
  const { maxBytes = Number.POSITIVE_INFINITY, maxAgeMs = Number.POSITIVE_INFINITY, compression } = options;
  if (compression === 'zstd' && compressor === undefined)
    throw new HostError(
      'ERR_INVALID_OPTION',
      `The option compression is zstd, which Node.js ${process.versions.node} lacks.`,
      {
        help: 'Use Node.js 22.15 or later, or leave the option out.',
      },
    );
  const share = Math.max(64 * 1024, Math.floor(maxBytes / SEGMENTS));
  return {
    segmentBytes: options.segmentBytes ?? Math.min(DEFAULT_SEGMENT_BYTES, share),
    maxBytes,
    maxAgeMs,
    compressionLevel: compression === 'zstd' ? (options.compressionLevel ?? DEFAULT_COMPRESSION_LEVEL) : undefined,
  };
}
