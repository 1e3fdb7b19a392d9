/**
 * Failures as values: every error that this project raises on purpose is a `HostError` with a `code` to match on, and
 * survives a thread boundary with its class, stack and cause (`serializeError`, `deserializeError`).
 */

/** Codes of errors that a plugin is to blame for. */
export type PluginErrorCode =
  | 'ERR_PLUGIN_INVALID'
  | 'ERR_PLUGIN_INIT'
  | 'ERR_PLUGIN_PARSE'
  | 'ERR_PLUGIN_UNRECOVERABLE'
  | 'ERR_PLUGIN_TRAP'
  | 'ERR_PLUGIN_TIMEOUT'
  | 'ERR_PLUGIN_MEMORY'
  | 'ERR_PLUGIN_CONTRACT'
  | 'ERR_PLUGIN_LOST';

/** Codes of errors that the caller, or the machine, is to blame for. */
export type UsageErrorCode =
  | 'ERR_CONFIG'
  /** An option is unknown, of the wrong type or out of range; see `HostError.message` for its name and what is allowed. */
  | 'ERR_INVALID_OPTION'
  /** All workers are in use, and none came free within `waitMs`. */
  | 'ERR_BUSY'
  | 'ERR_CONFIG_FILE'
  | 'ERR_PROFILE'
  | 'ERR_PLUGIN_NOT_FOUND'
  /** The plugin was switched off. */
  | 'ERR_PLUGIN_DISABLED'
  /** The binary is not the one that was expected, such as the one that the plugin is pinned to. */
  | 'ERR_PLUGIN_CHANGED'
  | 'ERR_SOURCE_OPEN'
  | 'ERR_SOURCE_READ'
  /** The input is no longer what it was when the session began: it was cut or written anew while it was read. */
  | 'ERR_SOURCE_CHANGED'
  /** A checkpoint cannot be used: it is damaged, of another input, or its place in the input is not there any more. */
  | 'ERR_CHECKPOINT'
  /** What a source delivers cannot be recorded, on a full disk for instance. */
  | 'ERR_RECORD'
  | 'ERR_CLOSED'
  /** A stream or `collect` reads the session already. */
  | 'ERR_SESSION_TAKEN'
  /** The session has more than `collect` may give back. */
  | 'ERR_COLLECT_LIMIT'
  /** The process did not get what it needs from the system, such as memory, a thread or a file descriptor. */
  | 'ERR_ENVIRONMENT'
  | 'ERR_QUARANTINE'
  /** What was given to be installed cannot be: no plugin folder or archive, an unsafe name, more than the limits allow. */
  | 'ERR_STORE_SOURCE'
  /** A plugin of that name and kind is installed. */
  | 'ERR_STORE_TAKEN'
  /** Another process holds the lock of the plugins directory. */
  | 'ERR_STORE_LOCKED'
  /** The plugins directory cannot be changed: a full disk, missing rights. */
  | 'ERR_STORE_WRITE'
  | 'ERR_INTERNAL';

/** The codes of all errors of these packages; docs/errors.md has what each means. */
export type ErrorCode = PluginErrorCode | UsageErrorCode;

/** What a plugin was doing when it failed. */
export type PluginPhase = 'load' | 'instantiate' | 'info' | 'init' | 'parse' | 'read' | 'close';

/** What an error has besides its code and message. */
export interface HostErrorOptions {
  readonly cause?: unknown;
  /** What the reader of the message can do about it, as one sentence. */
  readonly help?: string;
}

/** What an error that a plugin causes has besides. */
export interface PluginErrorOptions extends HostErrorOptions {
  /** The plugin's name or path, as the embedder gave it. */
  readonly plugin?: string;
  readonly phase?: PluginPhase;
  readonly details?: FailureDetails;
}

/** Where and when a call failed: what is needed to look into it. */
export interface FailureDetails {
  /** Position in the input of the first byte of the slice that the plugin was given. */
  readonly offset: number;
  /** Bytes of that slice. */
  readonly sliceBytes: number;
  /**
   * The first bytes of the slice, at most 32, in hexadecimal: raw bytes of the log. Empty with `excerpts: false`, and for a byte-source,
   * which has no input.
   */
  readonly excerpt: string;
  /** Since the call began, in milliseconds. */
  readonly durationMs: number;
  /** Bytes of the plugin's memory. */
  readonly memoryBytes: number;
  /** The last lines that the plugin wrote to its log and to stderr. */
  readonly lastLines: readonly string[];
}

/** An error of this host, with a `code` to tell it by and `help` on what to do. Those that a plugin causes are `PluginError`s. */
export class HostError extends Error {
  override readonly name: string = 'HostError';
  readonly code: ErrorCode;
  readonly help: string | undefined;

  constructor(code: ErrorCode, message: string, options: HostErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.help = options.help;
  }
}

/**
 * The system, or the way in which Node.js was started, kept something from the process that a plugin needs to run: memory, a
 * thread, a file descriptor, WebAssembly. It says nothing of the plugin. Made by `environmentFault` (environment-fault.ts).
 */
export class EnvironmentError extends HostError {
  override readonly name = 'EnvironmentError';
  declare readonly code: 'ERR_ENVIRONMENT';

  constructor(message: string, options?: HostErrorOptions) {
    super('ERR_ENVIRONMENT', message, options);
  }
}

/** An error that one plugin is to blame for. */
export class PluginError extends HostError {
  override readonly name: string = 'PluginError';
  declare readonly code: PluginErrorCode;
  /** Whether a fresh instance with the same configuration may succeed where this one failed. */
  readonly recoverable: boolean;
  /** The plugin's name or path; set by `addContext`, mostly not by the place that raised the error. */
  plugin: string | undefined;
  phase: PluginPhase | undefined;
  /** Set where a call with input failed. */
  details: FailureDetails | undefined;

  constructor(code: PluginErrorCode, message: string, options: PluginErrorOptions = {}) {
    super(code, message, options);
    this.recoverable = RECOVERABLE.has(code);
    this.plugin = options.plugin;
    this.phase = options.phase;
    this.details = options.details;
  }
}

const RECOVERABLE: ReadonlySet<PluginErrorCode> = new Set([
  'ERR_PLUGIN_TRAP',
  'ERR_PLUGIN_TIMEOUT',
  'ERR_PLUGIN_MEMORY',
  'ERR_PLUGIN_CONTRACT',
  'ERR_PLUGIN_LOST',
]);

/** The binary is not a component that this host can run. */
export class PluginInvalidError extends PluginError {
  override readonly name = 'PluginInvalidError';
  constructor(message: string, options?: PluginErrorOptions) {
    super('ERR_PLUGIN_INVALID', message, { phase: 'load', ...options });
  }
}

/** The plugin refused its configuration; the message is the plugin's own. */
export class PluginInitError extends PluginError {
  override readonly name = 'PluginInitError';
  constructor(message: string, options?: PluginErrorOptions) {
    super('ERR_PLUGIN_INIT', message, { phase: 'init', ...options });
  }
}

/** The plugin reported, or caused by too many lesser errors, the end of the session. */
export class PluginUnrecoverableError extends PluginError {
  override readonly name = 'PluginUnrecoverableError';
  constructor(message: string, options?: PluginErrorOptions) {
    super('ERR_PLUGIN_UNRECOVERABLE', message, options);
  }
}

/** The plugin's code trapped: it panicked, ran out of stack, or left its memory. */
export class PluginTrapError extends PluginError {
  override readonly name = 'PluginTrapError';
  constructor(message: string, options?: PluginErrorOptions) {
    super('ERR_PLUGIN_TRAP', message, options);
  }
}

/** The plugin did not return within a deadline. */
export class PluginTimeoutError extends PluginError {
  override readonly name = 'PluginTimeoutError';
  constructor(message: string, options?: PluginErrorOptions) {
    super('ERR_PLUGIN_TIMEOUT', message, options);
  }
}

/** The plugin wanted more memory than it may have. */
export class PluginMemoryError extends PluginError {
  override readonly name = 'PluginMemoryError';
  constructor(message: string, options?: PluginErrorOptions) {
    super('ERR_PLUGIN_MEMORY', message, options);
  }
}

/** The plugin returned something that its interface does not allow. */
export class PluginContractError extends PluginError {
  override readonly name = 'PluginContractError';
  constructor(message: string, options?: PluginErrorOptions) {
    super('ERR_PLUGIN_CONTRACT', message, options);
  }
}

/** The worker thread in which the plugin ran ended without saying why. */
export class PluginLostError extends PluginError {
  override readonly name = 'PluginLostError';
  constructor(message: string, options?: PluginErrorOptions) {
    super('ERR_PLUGIN_LOST', message, options);
  }
}

/**
 * Adds to an error of a plugin's what only the caller knows: which plugin it was, what it was asked to do, with which input. What the
 * error says already stays; any other thrown value is left as it is. Called where an error leaves a plugin's loop, its thread or a call.
 * @returns the same value
 */
export function addContext<Thrown>(
  thrown: Thrown,
  {
    plugin,
    phase,
    details,
  }: { plugin?: string | undefined; phase?: PluginPhase | undefined; details?: FailureDetails },
): Thrown {
  if (thrown instanceof PluginError) {
    thrown.plugin ??= plugin;
    thrown.phase ??= phase;
    thrown.details ??= details;
  }
  return thrown;
}

/** An error as plain data, for structured clone and for JSON. */
export interface SerializedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly code?: string | undefined;
  readonly help?: string | undefined;
  readonly plugin?: string | undefined;
  readonly phase?: PluginPhase | undefined;
  readonly details?: FailureDetails | undefined;
  readonly cause?: SerializedError | undefined;
}

const PLUGIN_ERROR_CLASSES = {
  ERR_PLUGIN_INVALID: PluginInvalidError,
  ERR_PLUGIN_INIT: PluginInitError,
  ERR_PLUGIN_UNRECOVERABLE: PluginUnrecoverableError,
  ERR_PLUGIN_TRAP: PluginTrapError,
  ERR_PLUGIN_TIMEOUT: PluginTimeoutError,
  ERR_PLUGIN_MEMORY: PluginMemoryError,
  ERR_PLUGIN_CONTRACT: PluginContractError,
  ERR_PLUGIN_LOST: PluginLostError,
} as const;

/** A cause deeper than this is dropped: a plugin must not be able to make errors without bound. */
const MAX_CAUSES = 8;

/** An error as plain data, with its causes, for another thread or JSON. What is no `Error` becomes one with its text. */
export function serializeError(error: unknown, depth = 0): SerializedError {
  if (!(error instanceof Error)) return { name: 'Error', message: describe(error) };
  const details = error as Partial<PluginError>;
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    code: typeof details.code === 'string' ? details.code : undefined,
    help: details.help,
    plugin: details.plugin,
    phase: details.phase,
    details: details.details,
    cause: error.cause === undefined || depth >= MAX_CAUSES ? undefined : serializeError(error.cause, depth + 1),
  };
}

/** An error of the class that it had, from what `serializeError` made of it. One of a class that is not from here becomes an `Error` with its name and code. */
export function deserializeError(data: SerializedError): Error {
  const cause = data.cause === undefined ? undefined : deserializeError(data.cause);
  const error = revive(data, cause);
  if (data.stack !== undefined)
    Object.defineProperty(error, 'stack', { value: data.stack, configurable: true, writable: true });
  return error;
}

function revive(data: SerializedError, cause: Error | undefined): Error {
  const options = {
    ...(cause === undefined ? {} : { cause }),
    ...(data.help === undefined ? {} : { help: data.help }),
    ...(data.plugin === undefined ? {} : { plugin: data.plugin }),
    ...(data.phase === undefined ? {} : { phase: data.phase }),
    ...(data.details === undefined ? {} : { details: data.details }),
  };
  const code = data.code;
  if (code !== undefined && Object.hasOwn(PLUGIN_ERROR_CLASSES, code))
    return new PLUGIN_ERROR_CLASSES[code as keyof typeof PLUGIN_ERROR_CLASSES](data.message, options);
  if (code === 'ERR_ENVIRONMENT') return new EnvironmentError(data.message, options);
  if (code === 'ERR_PLUGIN_PARSE') return new PluginError(code, data.message, options);
  if (data.name === 'HostError' && code !== undefined) return new HostError(code as ErrorCode, data.message, options);
  const error = new Error(data.message, cause === undefined ? undefined : { cause });
  error.name = data.name;
  if (code !== undefined) Object.assign(error, { code });
  return error;
}

/** Any thrown value as text. */
export function describe(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  if (typeof thrown === 'string') return thrown;
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return String(thrown);
  }
}
