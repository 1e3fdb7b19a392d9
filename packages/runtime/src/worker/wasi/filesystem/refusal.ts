/** Errors that a plugin is answered with by WASI's file functions, and which of them the machine's own errors become. */

/** Cases of `error-code` of wasi:filesystem/types, in their order. */
const ERROR_CODES = [
  'access',
  'would-block',
  'already',
  'bad-descriptor',
  'busy',
  'deadlock',
  'quota',
  'exist',
  'file-too-large',
  'illegal-byte-sequence',
  'in-progress',
  'interrupted',
  'invalid',
  'io',
  'is-directory',
  'loop',
  'too-many-links',
  'message-size',
  'name-too-long',
  'no-device',
  'no-entry',
  'no-lock',
  'insufficient-memory',
  'insufficient-space',
  'not-directory',
  'not-empty',
  'not-recoverable',
  'unsupported',
  'no-tty',
  'no-such-device',
  'overflow',
  'not-permitted',
  'pipe',
  'read-only',
  'invalid-seek',
  'text-file-busy',
  'cross-device',
] as const;

export type FileErrorCode = (typeof ERROR_CODES)[number];

const HOST_ERRORS: ReadonlyMap<string, FileErrorCode> = new Map([
  ['EACCES', 'access'],
  ['EAGAIN', 'would-block'],
  ['EBADF', 'bad-descriptor'],
  ['EBUSY', 'busy'],
  ['EDQUOT', 'quota'],
  ['EEXIST', 'exist'],
  ['EFBIG', 'file-too-large'],
  ['EILSEQ', 'illegal-byte-sequence'],
  ['EINTR', 'interrupted'],
  ['EINVAL', 'invalid'],
  ['EISDIR', 'is-directory'],
  ['ELOOP', 'loop'],
  ['EMFILE', 'insufficient-memory'],
  ['EMLINK', 'too-many-links'],
  ['ENAMETOOLONG', 'name-too-long'],
  ['ENFILE', 'insufficient-memory'],
  ['ENODEV', 'no-device'],
  ['ENOENT', 'no-entry'],
  ['ENOMEM', 'insufficient-memory'],
  ['ENOSPC', 'insufficient-space'],
  ['ENOSYS', 'unsupported'],
  ['ENOTDIR', 'not-directory'],
  ['ENOTEMPTY', 'not-empty'],
  ['ENOTSUP', 'unsupported'],
  ['ENXIO', 'no-such-device'],
  ['EOVERFLOW', 'overflow'],
  ['EPERM', 'not-permitted'],
  ['EROFS', 'read-only'],
  ['ESPIPE', 'invalid-seek'],
  ['ETXTBSY', 'text-file-busy'],
  ['EXDEV', 'cross-device'],
]);

/** The answer to a file function that may not, or cannot, do what it was asked. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: FileErrorCode;

  constructor(code: FileErrorCode) {
    super(code);
    this.code = code;
  }
}

/** The code that a plugin gets for an error; undefined when the error is not one of a file function. */
export function fileErrorCode(error: unknown): FileErrorCode | undefined {
  if (error instanceof Refusal) return error.code;
  const { code, syscall } = error as NodeJS.ErrnoException;
  return error instanceof Error && syscall !== undefined ? (HOST_ERRORS.get(code ?? '') ?? 'io') : undefined;
}

export function fileErrorNumber(code: FileErrorCode): number {
  return ERROR_CODES.indexOf(code);
}
