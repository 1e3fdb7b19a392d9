/**
 * Tells failures that the system is to blame for from those of a plugin: the one place that knows what they look like. A plugin
 * is WebAssembly and can throw nothing of this kind: an error with a system call in it, or V8's words for memory that it did not get,
 * came out of code of the host or of Node.js.
 */
import { describe, EnvironmentError, HostError, PluginError } from '../errors.js';

const ADDRESS_SPACE =
  'Each WebAssembly memory reserves some 10 GB of address space, used or not: allow this process more of it (ulimit -v), or run fewer sessions at once. See docs/operations.md.';
const THREADS =
  'Allow this process more threads (ulimit -u, or the limit of processes of its container), or run fewer sessions at once.';
const DESCRIPTORS = 'Allow this process more open files (ulimit -n), or close some of those that it holds.';
const MEMORY = 'Give the machine or the container more memory, or run fewer sessions at once.';
const WORKING_DIRECTORY =
  'The working directory of this process was deleted, and Node.js starts no thread there: change to a directory that exists.';
const WEBASSEMBLY = 'Start Node.js without --jitless, and without other options that switch WebAssembly off.';
/** What a host needs under Node's permission model (`--permission`, on Node 20 `--experimental-permission`). */
const PERMISSIONS =
  'Plugins run in threads and are read from files: start Node.js with --allow-worker and --allow-fs-read for the packages, the plugins and the inputs, and --allow-fs-write for what is kept (the cache, temporary directories), in addition to --permission. See docs/embedding.md.';
const SYSTEM = 'Remove the cause that the system reports, and try again.';

/** Codes of system calls, and what helps where it is not plain from the system's words. */
const SYSTEM_HELP: Readonly<Record<string, string>> = {
  EMFILE: DESCRIPTORS,
  ENFILE: DESCRIPTORS,
  EAGAIN: THREADS,
  ENOMEM: MEMORY,
};

/** What V8 says of memory that it did not get. Each stands in a RangeError. */
const OUT_OF_MEMORY = [
  // new WebAssembly.Memory, `instantiate` and `new Instance`, `compile` and `new Module`
  /^WebAssembly\.\w+\(\): (?:Out of memory|could not allocate memory)/,
  /^Array buffer allocation failed$/,
];
/** What a missing global object is called. */
const NO_WEBASSEMBLY = /^WebAssembly is not defined$/;
/** A cause deeper than this is not looked at. */
const MAX_CAUSES = 8;

interface Fault {
  readonly what: string;
  readonly help: string;
}

/**
 * The error to throw in place of one that the environment is to blame for; undefined when it is not.
 * @param thrown anything that was caught; its causes are looked at, too
 * @param doing what failed, as the beginning of a sentence: `The component cannot be compiled`
 */
export function environmentFault(thrown: unknown, doing: string): EnvironmentError | undefined {
  let cause = thrown;
  for (let depth = 0; depth < MAX_CAUSES && cause instanceof Error; depth++, cause = cause.cause) {
    if (cause instanceof EnvironmentError) return cause;
    // The code that made it knew the cause, such as a source that cannot be opened.
    if (cause instanceof HostError && !(cause instanceof PluginError)) return undefined;
    const fault = faultOf(cause);
    if (fault !== undefined)
      return new EnvironmentError(`${doing}: ${fault.what}`, { cause: thrown, help: fault.help });
  }
  return undefined;
}

/** @throws EnvironmentError when this Node.js runs no WebAssembly */
export function requireWebAssembly(): void {
  if (typeof WebAssembly === 'undefined')
    throw new EnvironmentError('No plugin can be run: this Node.js was started without WebAssembly.', {
      help: WEBASSEMBLY,
    });
}

/** @throws EnvironmentError when Node's permission model lets this process start no thread */
export function requireThreads(): void {
  // Only there when Node was started with a permission model.
  const { permission } = process as { permission?: { has(scope: string): boolean } };
  if (permission?.has('worker') === false)
    throw new EnvironmentError("No plugin can be run: Node's permission model lets this process start no threads.", {
      help: PERMISSIONS,
    });
}

function faultOf(error: Error): Fault | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException;
  const what = describe(error);
  if (code === 'ERR_ACCESS_DENIED') return { what, help: PERMISSIONS };
  if (code === 'ERR_WORKER_INIT_FAILED') return { what, help: systemHelp(what) ?? THREADS };
  if (syscall === 'uv_cwd' || (code === 'ENOENT' && what.endsWith('uv_cwd'))) return { what, help: WORKING_DIRECTORY };
  if (code !== undefined && Object.hasOwn(SYSTEM_HELP, code)) return { what, help: SYSTEM_HELP[code] as string };
  if (typeof syscall === 'string') return { what, help: SYSTEM };
  // By name: of another thread's errors the class is not always kept.
  if (error.name === 'RangeError' && OUT_OF_MEMORY.some((words) => words.test(what)))
    return { what, help: ADDRESS_SPACE };
  if (error.name === 'ReferenceError' && NO_WEBASSEMBLY.test(what)) return { what, help: WEBASSEMBLY };
  return undefined;
}

/** `Worker initialization failure: EMFILE` */
function systemHelp(message: string): string | undefined {
  const code = /\bE[A-Z]+\b/.exec(message)?.[0] ?? '';
  return Object.hasOwn(SYSTEM_HELP, code) ? SYSTEM_HELP[code] : undefined;
}
