/** A serial port, through the package `serialport`, which is no dependency: who reads one installs it. */
import { HostError } from '@chipmunk-host/runtime/internal/worker';
import type { SerialOptions } from '../shared/serial-options.js';
import type { Source, SourceOutput } from './contract.js';

/** What is needed of the package. */
interface Port extends NodeJS.ReadableStream {
  readonly isOpen: boolean;
  open(done: (error: Error | null) => void): void;
  close(done: (error: Error | null) => void): void;
}

type PortClass = new (options: object) => Port;

/** Not written where it is imported: it is there only for those who install it. */
const PACKAGE = 'serialport';

export class SerialSource implements Source {
  readonly #options: SerialOptions;
  #port: Port | undefined;
  /** When it was closed or pulled before it is read. */
  #lost: Error | undefined;

  constructor(options: SerialOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    const SerialPort = await this.#load();
    const { path } = this.#options;
    try {
      const port = new SerialPort({ ...this.#options, autoOpen: false });
      this.#port = port;
      port.on('error', (error: Error) => {
        this.#lost ??= error;
      });
      port.on('close', (error: Error | null | undefined) => {
        this.#lost ??= error ?? undefined;
      });
      await new Promise<void>((resolve, reject) => {
        port.open((error) => (error === null || error === undefined ? resolve() : reject(error)));
      });
    } catch (cause) {
      throw new HostError('ERR_SOURCE_OPEN', `Cannot open the serial port '${path}': ${(cause as Error).message}`, {
        cause,
        help: 'Check that the device is there, that this user may read it, and that no other program has it.',
      });
    }
  }

  async run(output: SourceOutput, signal: AbortSignal): Promise<void> {
    const port = this.#port as Port;
    try {
      await new Promise<void>((resolve, reject) => {
        if (this.#lost !== undefined) return reject(this.#lost);
        if (!port.isOpen) return resolve();
        port.once('error', reject);
        port.once('close', (error: Error | null | undefined) => (error ? reject(error) : resolve()));
        signal.addEventListener('abort', () => resolve(), { once: true });
        port.on('data', (chunk: Buffer) => {
          const wanted = output.write(chunk);
          if (wanted === true) return;
          port.pause();
          if (wanted === false) return resolve();
          wanted.then((more) => (more ? port.resume() : resolve()), reject);
        });
      });
    } catch (cause) {
      const { path } = this.#options;
      const isPulled = (cause as { disconnected?: boolean }).disconnected === true;
      const why = isPulled ? 'it was disconnected' : (cause as Error).message;
      const message = `The serial port '${path}' cannot be read any more, behind ${output.bytes} bytes: ${why}.`;
      throw new HostError('ERR_SOURCE_READ', message, { cause });
    }
  }

  async close(): Promise<void> {
    const port = this.#port;
    this.#port = undefined;
    if (port?.isOpen === true) await new Promise<void>((resolve) => port.close(() => resolve()));
  }

  async #load(): Promise<PortClass> {
    try {
      const { SerialPort } = (await import(PACKAGE)) as { SerialPort: PortClass };
      return SerialPort;
    } catch (cause) {
      throw new HostError(
        'ERR_SOURCE_OPEN',
        `Reading a serial port needs the package '${PACKAGE}', which cannot be loaded.`,
        {
          cause,
          help: `Install it beside this one: npm install ${PACKAGE}`,
        },
      );
    }
  }
}
