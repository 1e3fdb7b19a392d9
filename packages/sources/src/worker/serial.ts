/**
 * A serial port, through the package `serialport`, which is no dependency: who reads one installs it. It does not work in a thread beside
 * the main one, where it ends the process. So a process of its own reads the port (serial.worker.ts), and its output is read here.
 */
import { type ChildProcess, fork } from 'node:child_process';
import type { Readable } from 'node:stream';
import { HostError } from '@chipmunk-host/runtime/internal/worker';
import type { SerialOptions } from '../shared/serial-options.js';
import type { Source, SourceOutput } from './contract.js';

/** What the process tells. */
export type SerialMessage =
  | { readonly kind: 'opened' }
  | { readonly kind: 'missing' | 'failed' | 'disconnected'; readonly message: string };

const CHILD = new URL('../worker/serial.worker.js', import.meta.url);

export class SerialSource implements Source {
  readonly #options: SerialOptions;
  #child: ChildProcess | undefined;
  #said: SerialMessage | undefined;
  #isClosed = false;

  constructor(options: SerialOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    const child = fork(CHILD, [JSON.stringify(this.#options)], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      execArgv: [],
    });
    this.#child = child;
    // Bytes stay where they are until they are read, also when the process has ended.
    child.stdout?.on('readable', () => {});
    const first = await new Promise<SerialMessage>((resolve) => {
      child.on('message', (message) => {
        this.#said = message as SerialMessage;
        resolve(this.#said);
      });
      child.on('error', ({ message }) => resolve({ kind: 'failed', message }));
      child.on('exit', () => resolve({ kind: 'failed', message: 'the process that reads it has ended' }));
    });
    if (first.kind === 'opened') return;
    await this.close();
    throw this.#notOpened(first);
  }

  async run(output: SourceOutput, signal: AbortSignal): Promise<void> {
    const child = this.#child as ChildProcess;
    const onAbort = () => void this.close();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      for await (const chunk of child.stdout as Readable as AsyncIterable<Buffer>)
        if (!(await output.write(chunk))) return;
    } catch (error) {
      if (!this.#isClosed) throw this.#failed(output.bytes, (error as Error).message);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
    if (this.#isClosed) return;
    const said = this.#said;
    const why = said === undefined || said.kind === 'opened' ? 'the process that reads it has ended' : said.message;
    throw this.#failed(output.bytes, why);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const child = this.#child;
    this.#child = undefined;
    child?.stdout?.destroy();
    child?.kill('SIGKILL');
  }

  #notOpened(said: SerialMessage): HostError {
    const { path } = this.#options;
    if (said.kind === 'missing')
      return new HostError(
        'ERR_SOURCE_OPEN',
        "Reading a serial port needs the package 'serialport', which cannot be loaded.",
        {
          help: 'Install it beside this one: npm install serialport',
        },
      );
    const why = 'message' in said ? said.message : '';
    return new HostError('ERR_SOURCE_OPEN', `Cannot open the serial port '${path}': ${why}`, {
      help: 'Check that the device is there, that this user may read it, and that no other program has it.',
    });
  }

  #failed(bytes: number, why: string): HostError {
    const message = `The serial port '${this.#options.path}' cannot be read any more, behind ${bytes} bytes: ${why}.`;
    return new HostError('ERR_SOURCE_READ', message);
  }
}
