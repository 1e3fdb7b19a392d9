/** A capture of network packets as a source: the payload of its packets. */
import { HostError } from '@chipmunk-host/runtime/internal/shared';
import type { PcapOptions } from '../../shared/pcap-options.js';
import { STANDARD_INPUT } from '../../shared/standard-input.js';
import type { Source, SourceOutput } from '../contract.js';
import { CaptureFault } from './capture-error.js';
import { CaptureReader } from './capture-reader.js';
import { openCapture } from './open-capture.js';
import { UnpackedFeed } from './unpacked-feed.js';

/** Of what is captured while it is read: what waits for others must not wait for their end. */
const LIVE_WAIT_MS = 1000;

export class PcapSource implements Source {
  readonly #options: PcapOptions;
  #feed: UnpackedFeed | undefined;
  #closed = false;

  constructor(options: PcapOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    const feed = new UnpackedFeed(await openCapture(this.#options.file), this.#options.file);
    if (this.#closed) await feed.close();
    else this.#feed = feed;
  }

  async run(output: SourceOutput, signal: AbortSignal): Promise<void> {
    const feed = this.#feed;
    if (feed === undefined) throw new HostError('ERR_INTERNAL', 'A capture was read before it was opened.');
    const { file, maxWaitMs = file === STANDARD_INPUT ? LIVE_WAIT_MS : undefined, ...options } = this.#options;
    const stop = () => feed.stop();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      await new CaptureReader(output, { ...options, maxWaitMs }).read(feed, signal);
      for (const notice of feed.notices) if (!(await output.event(notice))) return;
    } catch (error) {
      throw readError(file, error);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#feed?.close();
  }
}

function readError(file: string, error: unknown): unknown {
  if (error instanceof HostError) return error;
  const name = file === STANDARD_INPUT ? 'The capture on standard input' : `The capture '${file}'`;
  if (error instanceof CaptureFault)
    return new HostError('ERR_SOURCE_READ', `${name} ${error.message}.`, { help: error.help });
  return new HostError('ERR_SOURCE_READ', `${name} cannot be read: ${(error as Error).message}`, { cause: error });
}
