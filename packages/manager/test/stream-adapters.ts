/** Every way to read a session as a stream, as one table for the tests of streams. */
import { Readable } from 'node:stream';
import { ReadableStream as WebStream } from 'node:stream/web';
import {
  createParseTransform,
  createParseTransformStream,
  type IngestRequest,
  type IngestSession,
  type PluginsManager,
  readStream,
  type StreamAs,
  type StreamElement,
} from '@chipmunk-host/manager';

export type Request = Omit<IngestRequest, 'source' | 'parallel'>;

/** A session that is read as a stream. */
export interface Opened {
  readonly chunks: AsyncIterable<unknown>;
  /** The session, once it has started. */
  session(): IngestSession | undefined;
  /** Ends the stream early, as its consumer does. Resolves when everything is given back. */
  destroy(): Promise<void>;
  /** How many errors it has told of; where a stream has no events, undefined. */
  readonly errors: unknown[] | undefined;
}

export interface Adapter {
  readonly name: string;
  readonly as: StreamAs;
  /** Whether the input is written to the stream, and its error is that of the input. */
  readonly isTransform: boolean;
  open(manager: PluginsManager, input: AsyncIterable<Uint8Array>, request: Request): Promise<Opened>;
}

const KINDS: readonly StreamAs[] = ['elements', 'batches', 'items', 'bytes', 'ndjson'];

export const adapters: readonly Adapter[] = KINDS.flatMap(
  (as) =>
    [
      {
        name: `session.readable, ${as}`,
        as,
        isTransform: false,
        open: async (manager, stream, request) => {
          const session = await manager.ingest({ ...request, source: { stream } });
          return node(session.readable({ as }), () => session);
        },
      },
      {
        name: `session.stream, ${as}`,
        as,
        isTransform: false,
        open: async (manager, stream, request) => {
          const session = await manager.ingest({ ...request, source: { stream } });
          return web(session.stream({ as }), () => session);
        },
      },
      {
        name: `createParseTransform, ${as}`,
        as,
        isTransform: true,
        open: async (manager, input, { parser, ...options }) => {
          const transform = createParseTransform(manager, parser, { ...options, as });
          const source = Readable.from(input, { highWaterMark: 1 });
          // As `pipeline` does it, which wants to have the last stream, too.
          source.on('error', (error) => transform.destroy(error));
          transform.on('close', () => source.destroy());
          source.pipe(transform);
          return node(transform, () => transform.session);
        },
      },
      {
        name: `createParseTransformStream, ${as}`,
        as,
        isTransform: true,
        open: async (manager, input, { parser, ...options }) => {
          const pair = createParseTransformStream(manager, parser, { ...options, as });
          return web(WebStream.from(input).pipeThrough(pair as never), () => pair.session);
        },
      },
    ] satisfies Adapter[],
);

function node(stream: Readable, session: () => IngestSession | undefined): Opened {
  const errors: unknown[] = [];
  stream.on('error', (error) => errors.push(error));
  const closed = new Promise<void>((resolve) => void stream.once('close', resolve));
  const destroy = () => {
    stream.destroy();
    return closed;
  };
  return { chunks: stream, session, destroy, errors };
}

function web(stream: ReadableStream<unknown>, session: () => IngestSession | undefined): Opened {
  const reader = stream.getReader();
  async function* chunks(): AsyncGenerator<unknown> {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  }
  return { chunks: chunks(), session, destroy: () => reader.cancel(), errors: undefined };
}

/** What came out: the lines, and up to which byte of the input it accounts for. */
export class Received {
  readonly lines: string[] = [];
  readonly types: string[] = [];
  /** Of the input that is accounted for, at least. */
  bytes = 0;
  readonly #parts: Uint8Array[] = [];
  #isText = false;

  add(as: StreamAs, chunk: unknown): void {
    if (as === 'items') {
      const { text, offset, length } = chunk as { text: string; offset: number; length: number };
      this.lines.push(text);
      this.bytes = offset + length;
    } else if (as === 'bytes' || as === 'ndjson') {
      this.#isText = as === 'ndjson';
      const part = chunk as Uint8Array;
      this.#parts.push(part);
      this.bytes += part.length;
    } else this.#addElement(chunk as StreamElement);
  }

  /** Reads what only all bytes together say. */
  finish(): this {
    if (this.#parts.length === 0) return this;
    if (this.#isText) {
      const text = Buffer.concat(this.#parts.splice(0)).toString();
      for (const line of text.split('\n').slice(0, -1)) this.lines.push(JSON.parse(line).text);
      return this;
    }
    this.bytes = 0;
    for (const element of readStream(Buffer.concat(this.#parts.splice(0)))) this.#addElement(element);
    return this;
  }

  #addElement(element: StreamElement): void {
    this.types.push(element.type);
    this.bytes = element.offset + element.consumedBytes;
    if (element.type === 'batch') for (const { text } of element) this.lines.push(text);
  }
}

/** An input of numbered lines, which tells how much of it was asked for, and when it was let go. */
export class Lines implements AsyncIterable<Uint8Array> {
  pulled = 0;
  readonly letGo: Promise<void>;
  #tellLetGo: () => void = () => {};
  readonly #chunks: number;
  readonly #linesPerChunk: number;
  readonly #filling: string;
  readonly #failure: unknown;

  /**
   * @param filling how much longer each line is
   * @param failure thrown behind the last chunk
   */
  constructor(chunks: number, linesPerChunk: number, filling = 0, failure?: unknown) {
    this.#chunks = chunks;
    this.#linesPerChunk = linesPerChunk;
    this.#filling = 'x'.repeat(filling);
    this.#failure = failure;
    this.letGo = new Promise((resolve) => {
      this.#tellLetGo = resolve;
    });
  }

  get text(): string {
    return Array.from({ length: this.#chunks }, (_, chunk) => this.#chunk(chunk)).join('');
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (let chunk = 0; chunk < this.#chunks; chunk++) {
        const bytes = Buffer.from(this.#chunk(chunk));
        this.pulled += bytes.length;
        yield bytes;
      }
      if (this.#failure !== undefined) throw this.#failure;
    } finally {
      this.#tellLetGo();
    }
  }

  #chunk(chunk: number): string {
    const first = chunk * this.#linesPerChunk;
    return Array.from(
      { length: this.#linesPerChunk },
      (_, line) => `line number ${first + line}${this.#filling}\n`,
    ).join('');
  }
}
