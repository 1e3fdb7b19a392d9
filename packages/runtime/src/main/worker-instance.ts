/**
 * One instance in its worker, as the main thread sees it: calls that always settle, events, and an end. Its lifecycle is
 * running -> closing (asked to end, within a grace period) -> ended; `terminate` goes straight to ended.
 */
import type { MessagePort } from 'node:worker_threads';
import { type Remote, releaseProxy, wrap } from 'comlink';
import { environmentFault } from '../shared/environment-fault.js';
import { describe, deserializeError, type EnvironmentError, PluginLostError } from '../shared/errors.js';
import type { ControlReply } from '../shared/messages.js';

/** How long an instance that was asked to end may take before its thread is ended. */
const CLOSE_GRACE_MS = 500;

/** The methods of a worker's control object. `close` must make the worker's program return. */
export interface ControlMethods {
  // biome-ignore lint/suspicious/noExplicitAny: the arguments of any method, as TypeScript's own Parameters<> takes them
  readonly [method: string]: (...args: any[]) => unknown;
  readonly close: () => void;
}

/** How an instance ended: by returning, or by losing its thread, or never getting one. */
export type InstanceEnd =
  | { readonly kind: 'returned' }
  | { readonly kind: 'lost'; readonly error: PluginLostError | EnvironmentError };

interface Parts {
  readonly controlPort: MessagePort;
  readonly eventPort: MessagePort;
  readonly ended: Promise<void>;
  readonly terminate: () => void;
  readonly onEvent: ((event: unknown) => void) | undefined;
}

export class WorkerInstance<Control extends ControlMethods> implements AsyncDisposable {
  /** Settles when the worker is free or gone; never rejects. */
  readonly ended: Promise<InstanceEnd>;
  readonly #remote: Remote<Record<string, (...args: unknown[]) => Promise<ControlReply<unknown>>>>;
  readonly #terminate: () => void;
  #hasEnded = false;
  #closing: Promise<void> | undefined;

  constructor({ controlPort, eventPort, ended, terminate, onEvent }: Parts) {
    this.#remote = wrap(controlPort as never);
    this.#terminate = terminate;
    eventPort.on('message', (event) => onEvent?.(event));
    this.ended = ended
      .then(
        (): InstanceEnd => ({ kind: 'returned' }),
        (cause: unknown): InstanceEnd => ({
          kind: 'lost',
          error: lostThread(cause),
        }),
      )
      .finally(async () => {
        // Events that the worker posted before it ended are already in the port's queue: they are delivered first.
        await new Promise((resolve) => setImmediate(resolve));
        this.#hasEnded = true;
        this.#remote[releaseProxy]();
        controlPort.close();
        eventPort.close();
      });
  }

  /**
   * Calls a method of the worker's control object. Settles also when the worker dies meanwhile.
   * @throws what the method threw, with its class and code; PluginLostError when the worker ended before it answered, EnvironmentError when
   *   that was the system's doing.
   */
  async call<Method extends keyof Control & string>(
    method: Method,
    ...args: Parameters<Control[Method]>
  ): Promise<Awaited<ReturnType<Control[Method]>>> {
    // What stands for a worker that is gone cannot be called.
    if (this.#hasEnded) return this.#lost(method);
    const answer = this.#remote[method] as unknown as (
      ...args: unknown[]
    ) => Promise<ControlReply<Awaited<ReturnType<Control[Method]>>>>;
    const reply = await Promise.race([answer(...args), this.#lost(method)]);
    if (!reply.ok) throw deserializeError(reply.error);
    return reply.value;
  }

  /** Asks the instance to end and, when it does not in time, ends its thread. Again is harmless. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Ends the instance's thread at once, whatever it is doing. */
  async terminate(): Promise<void> {
    this.#terminate();
    await this.ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const backstop = setTimeout(() => this.#terminate(), CLOSE_GRACE_MS);
    try {
      await (this as unknown as WorkerInstance<{ close(): void }>).call('close');
    } catch {
      // It ended in another way; that is all that was wanted.
    }
    await this.ended;
    clearTimeout(backstop);
  }

  async #lost(method: string): Promise<never> {
    const end = await this.ended;
    throw end.kind === 'lost' ? end.error : new PluginLostError(`The instance ended before it answered '${method}'.`);
  }
}

/** What it means that a worker ended otherwise than by returning. */
export function lostThread(cause: unknown): PluginLostError | EnvironmentError {
  return (
    environmentFault(cause, "The plugin's thread could not be started or go on") ??
    new PluginLostError(`The plugin's worker ended: ${describe(cause)}`, { cause })
  );
}
