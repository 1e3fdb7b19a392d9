/** Errors of spools, in any JavaScript runtime. */

export type SpoolErrorCode =
  /** The files are no spool, or one of a version that is not known. */
  | 'ERR_SPOOL_FORMAT'
  /** Bytes of a spool were damaged, or are missing. */
  | 'ERR_SPOOL_DAMAGED'
  /** Another writer has the spool. */
  | 'ERR_SPOOL_LOCKED'
  /** A spool cannot be read: it is not there, or the system refuses. */
  | 'ERR_SPOOL_READ'
  /** A spool cannot be written: a full disk, missing rights. */
  | 'ERR_SPOOL_WRITE'
  /** What is to be appended does not belong into this spool. */
  | 'ERR_SPOOL_ELEMENT'
  /** A segment is compressed, and nothing here can decompress it. */
  | 'ERR_SPOOL_COMPRESSION';

/** A stretch of a spool that cannot be read. */
export interface DamagedStretch {
  /** Name of the file. */
  readonly file: string;
  /** Position in it, of a compressed segment that of the block. */
  readonly position: number;
  /** Number of the first frame that is lost. */
  readonly firstFrame: number;
  /** Number behind the last one. */
  readonly endFrame: number;
  /** The first row that is lost. */
  readonly firstRow: number;
  /** The row behind the last one. */
  readonly endRow: number;
  /** What is wrong. */
  readonly why: string;
}

/** An error of a spool. `code` says which, `help` what to do. */
export class SpoolError extends Error {
  override readonly name = 'SpoolError';
  readonly code: SpoolErrorCode;
  /** What the reader of the message can do about it, as one sentence. */
  readonly help: string | undefined;
  /** Of `ERR_SPOOL_DAMAGED`: what is lost. */
  readonly damage: DamagedStretch | undefined;

  constructor(
    code: SpoolErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly help?: string; readonly damage?: DamagedStretch } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.help = options.help;
    this.damage = options.damage;
  }
}

/** The error for a stretch that cannot be read. */
export function damagedError(damage: DamagedStretch): SpoolError {
  const { file, position, firstFrame, endFrame, firstRow, endRow, why } = damage;
  const frames = endFrame - firstFrame > 1 ? `Frames ${firstFrame} to ${endFrame - 1}` : `Frame ${firstFrame}`;
  const verb = endFrame - firstFrame > 1 ? 'are' : 'is';
  const rows = endRow > firstRow ? `rows ${firstRow} to ${endRow - 1}` : `no rows, before row ${firstRow}`;
  const message = `${frames} of the spool (${rows}) ${verb} damaged: ${why}, at byte ${position} of '${file}'.`;
  return new SpoolError('ERR_SPOOL_DAMAGED', message, {
    help: `What is before and behind can be read: go on at row ${endRow}.`,
    damage,
  });
}
