/** Failures that the command line itself notices; those of plugins and sessions come from the host with codes of theirs. */

export type CommandErrorCode = 'ERR_OUTPUT_OPEN' | 'ERR_OUTPUT_WRITE' | 'ERR_NO_PARSER' | 'ERR_NO_PACKAGE';

export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: CommandErrorCode;
  /** What to do about it, as one sentence. */
  readonly help: string | undefined;

  constructor(code: CommandErrorCode, message: string, options: { cause?: unknown; help?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.help = options.help;
  }
}

/** The command line asks for something that makes no sense. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
