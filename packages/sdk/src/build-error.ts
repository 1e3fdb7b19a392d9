/** Failures of a build that the author of a plugin can do something about. */

/** `usage`: the build was asked for something that does not exist; `build`: the plugin does not build. */
export type BuildErrorCode = 'usage' | 'build';

export class BuildError extends Error {
  override readonly name = 'BuildError';
  readonly code: BuildErrorCode;

  constructor(code: BuildErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What to say of an error that some library threw. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
