/** The input of a session on the main thread: what its parser's worker is told of it, and what has to be ended with it. */
import { HostError, type InstanceStarter } from '@chipmunk-host/runtime';
import type { SourceRequest } from '../shared/byte-source-messages.js';
import { createInputMemory } from '../shared/input-memory.js';
import { ByteSourceHost, type ByteSourceHostOptions } from './byte-source-host.js';
import { requireRegularFile } from './ingest-options.js';
import type { ConfigSource } from './plugin-config.js';
import { StreamSource } from './stream-source.js';

export type SourceOptions =
  /** A regular file. */
  | { readonly file: string }
  /** Bytes that arrive here; a stream of Node's is destroyed when the session ends before it. */
  | { readonly stream: AsyncIterable<Uint8Array> }
  | PluginSourceOptions;

/** A byte-source plugin, in a worker of the session's pool. */
export interface PluginSourceOptions extends Omit<ByteSourceHostOptions, 'pool' | 'onWaiting' | 'signal'> {
  /** The plugin's configuration. Default: the defaults of its schemas. */
  readonly config?: ConfigSource;
}

export interface SessionInput {
  /** For the parser's worker; the same for each that takes over. */
  readonly request: SourceRequest;
  /** Begins to deliver. */
  start(): void;
  /** What the main thread knows better of an error that the parser's worker met. */
  explain(error: unknown): Promise<unknown>;
  /** Ends it and wakes a worker that waits for it. Again is harmless. */
  close(): Promise<void>;
}

/** How many workers the session takes, its parser's among them. */
export function workersOf(source: SourceOptions): number {
  return 'component' in source ? 2 : 1;
}

/** What can be said without a worker. @throws HostError `ERR_SOURCE_OPEN` when a file cannot be used */
export async function checkSource(source: SourceOptions): Promise<void> {
  if ('file' in source) await requireRegularFile(source.file);
}

/**
 * @param hardMaxBytes how many bytes of input may be wanted at once
 * @throws ConfigError, PluginError of a plugin; the signal's reason
 */
export async function openInput(
  source: SourceOptions,
  { pool, hardMaxBytes, signal }: { pool: InstanceStarter; hardMaxBytes: number; signal?: AbortSignal | undefined },
): Promise<SessionInput> {
  if ('file' in source)
    return { request: { file: source.file }, start() {}, explain: async (error) => error, async close() {} };
  const memory = createInputMemory(hardMaxBytes);
  if ('stream' in source) {
    const stream = new StreamSource(source.stream);
    return {
      request: { ring: stream.ring, memory },
      start: () => stream.start(),
      explain: async (error) => error,
      close: () => stream.close(),
    };
  }
  const host = await openHost(source, pool, signal);
  return {
    request: { ring: host.ring, memory },
    start: () => void host.run(),
    explain: (error) => explain(error, host),
    close: () => host.close(),
  };
}

async function openHost(
  { config, ...options }: PluginSourceOptions,
  pool: InstanceStarter,
  signal: AbortSignal | undefined,
): Promise<ByteSourceHost> {
  const host = await ByteSourceHost.open({ ...options, pool, ...(signal === undefined ? {} : { signal }) });
  try {
    await host.init(config);
    signal?.throwIfAborted();
    return host;
  } catch (error) {
    await host.close();
    throw error;
  }
}

/** Of a source whose thread is gone, the ring can say no more than that. */
async function explain(error: unknown, host: ByteSourceHost): Promise<unknown> {
  if (!(error instanceof HostError && error.code === 'ERR_SOURCE_READ')) return error;
  const end = await host.run();
  return end.kind === 'failed' ? end.error : error;
}
