/** Errors of readers of batches. */

export type BatchErrorCode =
  /** The bytes are not a batch, or they were damaged. */
  | 'ERR_BATCH_FORMAT'
  /** The batch of a session was read after the next one was asked for. */
  | 'ERR_BATCH_RELEASED'
  /** An argument is of the wrong type or out of range, or cannot be stored. */
  | 'ERR_INVALID_OPTION';

/** Bytes that are no batch, a batch that was released, or a wrong argument. `code` says which. */
export class BatchError extends Error {
  override readonly name = 'BatchError';
  readonly code: BatchErrorCode;
  /** What the reader of the message can do about it, as one sentence. */
  readonly help: string | undefined;

  constructor(code: BatchErrorCode, message: string, help?: string) {
    super(message);
    this.code = code;
    this.help = help;
  }
}

/** The error for bytes that are not a batch. */
export function formatError(what: string): BatchError {
  return new BatchError('ERR_BATCH_FORMAT', `This is not a batch, or it was damaged: ${what}.`);
}

/** @throws BatchError `ERR_INVALID_OPTION` when these are no bytes; a Uint8Array of another realm is one */
export function requireBytes(bytes: unknown): void {
  if (Object.prototype.toString.call(bytes) === '[object Uint8Array]') return;
  throw new BatchError('ERR_INVALID_OPTION', `The bytes are ${typeof bytes}; expected a Uint8Array.`);
}
