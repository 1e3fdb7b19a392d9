/**
 * From a component's binary to a compiled component, once for each content in this process. All of the work is done in a
 * worker of its own (worker/compile.worker.ts), so that a hostile binary costs that worker and a deadline, no more.
 */
import { Worker } from 'node:worker_threads';
import type { CompiledComponent } from '../shared/component.js';
import { deserializeError, PluginInvalidError, PluginTimeoutError } from '../shared/errors.js';
import type { CompileReply, CompileRequest } from '../shared/messages.js';

const COMPILE_WORKER = new URL('../worker/compile.worker.js', import.meta.url);
const DEFAULT_DEADLINE_MS = 60_000;
const DEFAULT_MAX_BYTES = 256 * 1024 * 1024;
/** Heap of the compile worker in MiB; the transpiler needs some ten times the component. */
const MAX_HEAP_MIB = 2048;

export interface CompileOptions {
  /** Folder in which transpiled output is kept between processes. Default: none, nothing is kept. */
  readonly cacheDirectory?: string;
  /** How long compiling may take, in milliseconds. Default 60,000; 0 means no limit. */
  readonly deadlineMs?: number;
  /** The largest binary that is taken, in bytes. Default 256 MiB; 0 means no limit. */
  readonly maxBytes?: number;
  /** Told what went wrong without harm, such as a cache that cannot be written. Default: nobody. */
  readonly onWarning?: (message: string) => void;
}

/** Compilations under way, and those that somebody still holds, by content hash. */
const underWay = new Map<string, Promise<CompiledComponent>>();
const compiled = new Map<string, WeakRef<CompiledComponent>>();

/**
 * Compiles a component. The same bytes are compiled once per process as long as somebody holds the result.
 *
 * @throws PluginInvalidError when the bytes are not a component that can run, saying what they are instead.
 * @throws PluginTimeoutError when it takes longer than the deadline.
 */
export async function compile(bytes: Uint8Array, options: CompileOptions = {}): Promise<CompiledComponent> {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  if (maxBytes > 0 && bytes.length > maxBytes)
    throw new PluginInvalidError(`The binary has ${bytes.length} bytes; at most ${maxBytes} are taken.`);

  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  const hash = Buffer.from(digest).toString('hex');
  const held = compiled.get(hash)?.deref();
  if (held !== undefined) return held;

  const running =
    underWay.get(hash) ?? compileInWorker({ bytes, hash, cacheDirectory: options.cacheDirectory }, options);
  underWay.set(hash, running);
  try {
    const component = await running;
    compiled.set(hash, new WeakRef(component));
    return component;
  } finally {
    underWay.delete(hash);
  }
}

async function compileInWorker(request: CompileRequest, options: CompileOptions): Promise<CompiledComponent> {
  const deadlineMs = options.deadlineMs ?? DEFAULT_DEADLINE_MS;
  const worker = new Worker(COMPILE_WORKER, {
    workerData: request,
    env: {},
    // Not the embedder's: some of them, such as --input-type, no worker can start with.
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const reply = await new Promise<CompileReply>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', (cause) => {
        reject(new PluginInvalidError(`The component brought the transpiler down: ${cause.message}`, { cause }));
      });
      worker.once('exit', (code) => {
        reject(new PluginInvalidError(`The component ended the transpiler (exit code ${code}).`));
      });
      if (deadlineMs > 0)
        timer = setTimeout(() => {
          const message = `The component was not compiled within ${deadlineMs} ms.`;
          reject(
            new PluginTimeoutError(message, {
              phase: 'load',
              help: 'Raise deadlineMs if the component is meant to be that large.',
            }),
          );
        }, deadlineMs);
    });
    for (const warning of reply.warnings) options.onWarning?.(warning);
    if (reply.kind === 'failed') throw deserializeError(reply.error);
    return reply.component;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
