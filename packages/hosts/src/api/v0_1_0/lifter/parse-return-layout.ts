/**
 * Where the results of `parse` lie in a plugin's memory: the canonical ABI of `result<list<parse-return>, parse-error>`, 32-bit.
 * assembly/parse-return.ts has the part of it that the wasm lifter reads.
 */

/** What `parse` returns a pointer to, and `read`, whose result has the same shape. */
export const ResultArea = {
  bytes: 16,
  alignment: 4,
  /** 0 ok, 1 error. */
  resultCase: 0,
  listPointer: 4,
  listLength: 8,
  /** Index into `PARSE_ERRORS`, or `SOURCE_ERRORS`. */
  errorCase: 4,
  messagePointer: 8,
  messageLength: 12,
} as const;

/** The cases of `parse-error`, in the order of the WIT. */
export const PARSE_ERRORS = ['unrecoverable', 'parse', 'incomplete', 'eof'] as const;

/** One `parse-return`. */
export const ParseReturn = {
  bytes: 96,
  alignment: 8,
  valueOption: 0,
  yieldCase: 8,
  /** The message, or the attachment when the yield has nothing else. */
  yield: 16,
  /** The attachment when it stands behind a message. */
  secondYield: 32,
  consumed: 88,
} as const;

export const YieldCase = { message: 0, attachment: 1, messageAndAttachment: 2 } as const;

/** One `parsed-message`. */
export const Message = { messageCase: 0, pointer: 4, length: 8 } as const;

export const MessageCase = { line: 0, columns: 1 } as const;

/** One `string` in a list of columns. */
export const Column = { bytes: 8, alignment: 4, pointer: 0, length: 4 } as const;

/** One `attachment`. Strings and lists are a pointer and, 4 bytes on, a length. */
export const Attachment = {
  name: 0,
  size: 8,
  createdOption: 16,
  created: 20,
  modifiedOption: 28,
  modified: 32,
  messages: 40,
  data: 48,
} as const;

/** One index in the `messages` of an attachment. */
export const MessageIndex = { bytes: 8, alignment: 8 } as const;
