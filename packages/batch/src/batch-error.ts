/** Errors of readers of batches. */

export type BatchErrorCode =
  /** The bytes are not a batch, or they were damaged. */
  | 'ERR_BATCH_FORMAT'
  /** The batch of a session was read after the next one was asked for. */
  | 'ERR_BATCH_RELEASED';

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
