/**
 * The output of a command. It runs in a process group of its own, which ends with the source: with SIGTERM, and a moment later, for what is
 * left of it, with SIGKILL.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { HostError } from '@chipmunk-host/runtime/internal/worker';
import { commandText } from '../shared/command-text.js';
import type { ProcessOptions } from '../shared/process-options.js';
import { shellWords } from '../shared/shell-words.js';
import type { Source, SourceOutput } from './contract.js';

/** How long processes that were asked to end may take. A source that does not end has its thread ended 500 ms after it was asked. */
const GRACE_MS = 300;
/** How long the system may take to end what it was told to kill. */
const KILL_MS = 150;
const LOOK_EVERY_MS = 10;
/** How much of a line of one output waits for its end before what the other one has is passed on. */
const MOST_HELD_BYTES = 64 * 1024;
const LF = 10;

const hasGroups = process.platform !== 'win32';

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class ProcessSource implements Source {
  readonly #options: ProcessOptions;
  readonly #text: string;
  #child: ChildProcess | undefined;
  #exit: Promise<Exit> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: ProcessOptions) {
    this.#options = options;
    this.#text = commandText(options.command);
  }

  async open(): Promise<void> {
    const { directory, environment, output = 'stdout' } = this.#options;
    const [file, args, shell] = this.#command();
    const child = spawn(file, args, {
      shell,
      detached: hasGroups,
      windowsHide: true,
      stdio: ['ignore', 'pipe', output === 'both' ? 'pipe' : 'inherit'],
      ...(directory === undefined ? {} : { cwd: directory }),
      ...(environment === undefined ? {} : { env: environment }),
    });
    this.#child = child;
    this.#exit = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (cause: NodeJS.ErrnoException) => reject(this.#notStarted(file, cause)));
    });
    child.on('error', () => {});
    // When a process has exited, Node lets its outputs flow, also when nobody takes what comes, unless somebody waits for it in this way.
    for (const stream of [child.stdout, child.stderr]) stream?.on('readable', () => {});
  }

  async run(output: SourceOutput, signal: AbortSignal): Promise<void> {
    const child = this.#child as ChildProcess;
    const { stdout, stderr } = child as { stdout: Readable; stderr: Readable | null };
    const onAbort = () => void this.close();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      if (stderr === null) await deliver(stdout, output);
      else await deliverBoth(stdout, stderr, output);
      // It may have closed its output and go on, which nobody will see.
      if (output.stopRequested || signal.aborted) return;
      const exit = await (this.#exit as Promise<Exit>);
      if (!signal.aborted) await output.event({ ...exitNotice(exit, this.#text), ...known(exit) });
    } catch (cause) {
      // Closing it ends its outputs.
      if (this.#closing !== undefined) return;
      const message = `Reading the output of '${this.#text}' failed after ${output.bytes} bytes: ${(cause as Error).message}`;
      throw new HostError('ERR_SOURCE_READ', message, { cause });
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined) return;
    const { pid } = child;
    const isThere = signalGroup(pid, 'SIGTERM');
    // Not before: it would complain that nobody reads it.
    child.stdout?.destroy();
    child.stderr?.destroy();
    if (!isThere || (await isGone(pid, child, GRACE_MS))) return;
    if (signalGroup(pid, 'SIGKILL')) await isGone(pid, child, KILL_MS);
  }

  #command(): [file: string, args: readonly string[], shell: boolean] {
    const { command, shell = false } = this.#options;
    if (shell) return [typeof command === 'string' ? command : commandText(command), [], true];
    const [file, ...args] = typeof command === 'string' ? shellWords(command) : command;
    if (file === undefined || file === '')
      throw new HostError(
        'ERR_INVALID_OPTION',
        `The command '${this.#text}' has no first word, which names the program.`,
      );
    return [file, args, false];
  }

  #notStarted(file: string, cause: NodeJS.ErrnoException): HostError {
    const { directory, shell } = this.#options;
    const inFolder = directory === undefined ? '' : ` in the folder '${directory}'`;
    const why = cause.code === 'ENOENT' ? 'the program or the folder was not found' : cause.message;
    return new HostError('ERR_SOURCE_OPEN', `Cannot run '${this.#text}'${inFolder}: ${why}.`, {
      cause,
      help:
        cause.code === 'ENOENT' && !shell
          ? `Check that '${file}' is in a folder of PATH. What only a shell knows needs 'shell: true' (--shell).`
          : 'Check the command, and that this user may run it.',
    });
  }
}

/** Whole lines of both, in the order in which they arrive. */
async function deliverBoth(stdout: Readable, stderr: Readable, output: SourceOutput): Promise<void> {
  const one = async (from: Readable) => {
    let held: Buffer = Buffer.alloc(0);
    for await (const chunk of from as AsyncIterable<Buffer>) {
      const all = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const end = all.lastIndexOf(LF) + 1;
      const whole = end === 0 && all.length > MOST_HELD_BYTES ? all.length : end;
      held = all.subarray(whole);
      if (whole > 0 && !(await output.write(all.subarray(0, whole)))) return;
    }
    if (held.length > 0) await output.write(held);
  };
  await Promise.all([one(stdout), one(stderr)]);
}

async function deliver(from: Readable, output: SourceOutput): Promise<void> {
  for await (const chunk of from as AsyncIterable<Buffer>) {
    const wanted = output.write(chunk);
    if (wanted !== true && !(await wanted)) return;
  }
}

function exitNotice({ code, signal }: Exit, command: string) {
  const how = signal !== null ? `was ended by ${signal}` : code === 0 ? 'has exited' : `has exited with code ${code}`;
  return { event: 'exited', message: `'${command}' ${how}.` };
}

function known({ code, signal }: Exit): { readonly code?: number; readonly signal?: string } {
  return { ...(code === null ? {} : { code }), ...(signal === null ? {} : { signal }) };
}

/** Returns whether there was anything to signal. */
function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(hasGroups ? -pid : pid, signal);
  } catch {
    return false;
  }
}

/** Waits for the end of the group. Returns whether nothing is left of it. */
async function isGone(pid: number, child: ChildProcess, limitMs: number): Promise<boolean> {
  for (const end = performance.now() + limitMs; performance.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    if (!isAlive(pid, child)) return true;
  }
  return false;
}

/** Whether anything of the group is left. */
function isAlive(pid: number, child: ChildProcess): boolean {
  if (!hasGroups) return child.exitCode === null && child.signalCode === null;
  try {
    return process.kill(-pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
