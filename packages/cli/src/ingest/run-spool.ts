/** The spool of a run, to which all of its sessions are appended: opened when the first one has started. */
import type { RenderOptions, StreamElement } from '@chipmunk-host/manager';
import type { SpoolWriter } from '@chipmunk-host/spool';
import { loadSpoolPackage } from '../output/spool-package.js';
import type { SpoolArguments } from './ingest-arguments.js';

export class RunSpool {
  readonly #args: SpoolArguments;
  #writer: SpoolWriter | undefined;
  #bytesOf: ((element: StreamElement, source: number) => Uint8Array) | undefined;
  /** Number of the run's first input in the spool. */
  #firstSource = 0;

  constructor(args: SpoolArguments) {
    this.#args = args;
  }

  /** Does nothing when it is open. @throws CommandError `ERR_NO_PACKAGE`; SpoolError */
  async open(parser: string, renderOptions: RenderOptions): Promise<void> {
    if (this.#writer !== undefined) return;
    const { Spool, sourcedBytes } = await loadSpoolPackage();
    const { directory, ...limits } = this.#args;
    this.#bytesOf = sourcedBytes;
    this.#writer = await Spool.create(directory, { ...limits, about: { parser, renderOptions } });
    this.#firstSource = this.#writer.nextSource;
  }

  /** @param input number of the input in this run. @throws SpoolError */
  async append(element: StreamElement, input: number): Promise<void> {
    if (this.#writer === undefined || this.#bytesOf === undefined) throw new Error('the spool is not open');
    await this.#writer.append(this.#bytesOf(element, this.#firstSource + input));
  }

  /** @throws SpoolError */
  async close(): Promise<void> {
    await this.#writer?.close();
  }
}
