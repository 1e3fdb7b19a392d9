/**
 * One compilation under way, in a worker of its own (worker/compile/compile.worker.ts), and all who wait for it. Each waits as long as
 * its own deadline and signal say; the worker is ended when the last of them has gone.
 */
import { channel } from 'node:diagnostics_channel';
import { Worker } from 'node:worker_threads';
import type { CompiledComponent } from '../../shared/component/component.js';
import { deserializeError, EnvironmentError, type HostError, PluginInvalidError } from '../../shared/errors.js';
import type { CompileJob, CompileReply } from '../../shared/instance/messages.js';
import { environmentFault } from '../../shared/system/environment-fault.js';
import { holdTranspiler } from './held-transpiler.js';

const COMPILE_WORKER = new URL('../../worker/compile/compile.worker.js', import.meta.url);

/** Told of each component that is compiled, with its `hash`: what was compiled before and is still held is not. */
const compiling = channel('chipmunk-host.runtime.compile');

export interface FlightResult {
  readonly component: CompiledComponent;
  readonly warnings: readonly string[];
}

export class CompileFlight {
  readonly #worker: Worker;
  readonly #result: Promise<CompileReply>;
  readonly #onEnd: () => void;
  #waiting = 0;
  #ended: Promise<unknown> | undefined;

  /** The bytes of the job are transferred: they are gone here. `onEnd` is called once, when nobody can join any longer. */
  constructor(job: CompileJob & { readonly bytes: Uint8Array<ArrayBuffer> }, heapMiB: number, onEnd: () => void) {
    this.#onEnd = onEnd;
    compiling.publish({ hash: job.hash });
    this.#worker = new Worker(COMPILE_WORKER, {
      workerData: job,
      transferList: [job.bytes.buffer],
      env: {},
      // Not the embedder's: some of them, such as --input-type, no worker can start with.
      execArgv: [],
      stdout: true,
      stderr: true,
      ...(Number.isFinite(heapMiB) ? { resourceLimits: { maxOldGenerationSizeMb: heapMiB } } : {}),
    });
    this.#result = new Promise<CompileReply>((resolve, reject) => {
      this.#worker.once('message', resolve);
      this.#worker.once('messageerror', (cause) => reject(brokenDown(cause, heapMiB)));
      this.#worker.once('error', (cause) => reject(brokenDown(cause, heapMiB)));
      this.#worker.once('exit', (code) => {
        reject(new PluginInvalidError(`The component ended the transpiler (exit code ${code}).`));
      });
    });
    // Nobody needs what the transpiler prints when it panics; unread, it would pile up.
    this.#worker.stdout.resume();
    this.#worker.stderr.resume();
    this.#result.then(
      ({ transpiler }) => {
        holdTranspiler(transpiler);
        this.#end();
      },
      () => this.#end(),
    );
  }

  /** Waits for the result. Rejects with the signal's reason when it is aborted first, once the worker is gone if nobody else waits. */
  async join(signal: AbortSignal): Promise<FlightResult> {
    this.#waiting++;
    try {
      const reply = await untilAborted(this.#result, signal);
      if (reply.kind === 'failed') throw deserializeError(reply.error);
      return reply;
    } finally {
      this.#waiting--;
      if (this.#waiting === 0) await this.#end();
    }
  }

  #end(): Promise<unknown> {
    if (this.#ended === undefined) {
      this.#onEnd();
      this.#ended = this.#worker.terminate();
    }
    return this.#ended;
  }
}

function brokenDown(cause: Error, heapMiB: number): HostError {
  const environment = environmentFault(
    cause,
    'The thread in which components are compiled could not be started or go on',
  );
  if (environment !== undefined) return environment;
  return (cause as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? // V8 says the same when the process may have no more memory or address space than that.
      new EnvironmentError(`The component cannot be compiled with a heap of ${heap(heapMiB)}.`, {
        cause,
        help: 'Raise compilerHeapMiB if the component is meant to be that large, and give this process enough memory.',
      })
    : new PluginInvalidError(`The transpiler failed on the component: ${cause.message}`, { cause });
}

function heap(heapMiB: number): string {
  return Number.isFinite(heapMiB) ? `${heapMiB} MiB` : 'the default size of a thread';
}

function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise<Value>((resolve, reject) => {
    signal.throwIfAborted();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
