/** Turns failures of a plugin's functions into errors of the host, for both kinds of plugin. */
import {
  describe,
  type EnvironmentError,
  environmentFault,
  PluginError,
  PluginInitError,
  PluginMemoryError,
  PluginTrapError,
} from '@chipmunk-host/runtime/internal/worker';
import type { BindingsInitError } from './bindings.js';
import { isText, requireText } from './bindings-bounds.js';
import { cutMessage } from './error-message.js';

const INIT_ERROR_TAGS = ['config', 'io', 'unsupported', 'other'];
/** Of its memory's limit, when nothing else tells why a plugin trapped. */
const NEARLY_ALL = 0.9;
/** Rust's text, AssemblyScript's, and what the SDK logs. */
const OUT_OF_MEMORY = /memory allocation of \d+ bytes failed|out of memory/i;

/** `thread '<unnamed>' (1) panicked at src/lib.rs:33:46:`, with the message on the next lines (Rust 1.73 and later). */
const PANIC = /^thread .* panicked at (\S+:\d+:\d+):$/;
const BEHIND_MESSAGE = /^(?:note: run with `RUST_BACKTRACE|stack backtrace:)/;

/** What a failure is: the plugin's, unless the system kept something from the host that the plugin needed. */
export function asPluginError(error: unknown): PluginError | EnvironmentError {
  if (error instanceof PluginError) return error;
  const environment = environmentFault(error, 'The plugin cannot be run');
  if (environment !== undefined) return environment;
  // Also `RangeError: Maximum call stack size exceeded`: the plugin recursed without end.
  return new PluginTrapError(`The plugin trapped: ${describe(error)}`, { cause: error });
}

/** Calling `exit` ends a plugin, also one that catches what the call throws. */
export function requireNoExit(exitCode: number | undefined): void {
  if (exitCode !== undefined) throw new PluginTrapError(`The plugin called exit(${exitCode}).`);
}

/** A trap of a plugin that had no memory left is a matter of memory: its own text says so, or how much it has. */
export function classifyTrap<Failure extends PluginError | EnvironmentError>(
  error: Failure,
  { memoryBytes, memoryLimit, lastLines }: { memoryBytes: number; memoryLimit: number; lastLines: readonly string[] },
): Failure | PluginError {
  if (!(error instanceof PluginTrapError)) return error;
  const nearLimit = memoryBytes > memoryLimit * NEARLY_ALL;
  if (!nearLimit && !lastLines.some((line) => OUT_OF_MEMORY.test(line))) return withPanicMessage(error, lastLines);
  const most = Number.isFinite(memoryLimit) ? ` of at most ${memoryLimit}` : '';
  return new PluginMemoryError(`The plugin ran out of memory: it had ${memoryBytes}${most} bytes.`, {
    cause: error.cause ?? error,
    help: 'Raise memoryBytes if the plugin is meant to need that much.',
  });
}

/** A panic of Rust code is an `unreachable` to wasm; what it says of itself it has written to stderr before. */
function withPanicMessage(error: PluginTrapError, lastLines: readonly string[]): PluginTrapError {
  const at = lastLines.findLastIndex((line) => PANIC.test(line));
  const place = PANIC.exec(lastLines[at] ?? '')?.[1];
  if (place === undefined) return error;
  const message = lastLines.slice(at + 1);
  const end = message.findIndex((line) => BEHIND_MESSAGE.test(line));
  return new PluginTrapError(`The plugin panicked at ${place}: ${message.slice(0, end === -1 ? 1 : end).join('\n')}`, {
    cause: error.cause ?? error,
  });
}

/** Calls a plugin's `init`, whose error the bindings throw as it is. */
export function initialise(init: () => void): void {
  try {
    init();
  } catch (error) {
    if (!isInitError(error)) throw error;
    const message = requireText('init', "the error's message", error.val);
    throw new PluginInitError(`${cutMessage(message)} (${error.tag})`);
  }
}

function isInitError(error: unknown): error is BindingsInitError {
  const { tag, val } = (error ?? {}) as Partial<BindingsInitError>;
  return tag !== undefined && INIT_ERROR_TAGS.includes(tag) && isText(val);
}
