/**
 * One instance in its worker, as the thread that has it started sees it: calls that always settle, events, and an end. Its lifecycle is
 * running -> closing (asked to end, within a grace period) -> ended; `destroy` goes straight to ended.
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { type Remote, releaseProxy, wrap } from 'comlink';
import { deserializeError, PluginLostError } from '../errors.js';
import { controlEndpoint } from './control-endpoint.js';
import type { InstanceEnd } from './instance-end.js';
import type { ControlReply } from './messages.js';

/** How long an instance that was asked to end may take before its thread is ended. */
const CLOSE_GRACE_MS = 500;

/** The methods of a worker's control object. `close` must make the worker's program return. */
export interface ControlMethods {
  // biome-ignore lint/suspicious/noExplicitAny: the arguments of any method, as TypeScript's own Parameters<> takes them
  readonly [method: string]: (...args: any[]) => unknown;
  readonly close: () => void;
}

interface Parts {
  readonly controlPort: MessagePort;
  readonly eventPort: MessagePort;
  /** Never rejects. */
  readonly ended: Promise<InstanceEnd>;
  /** Never rejects. */
  readonly released: Promise<void>;
  /** Ends the thread that the instance has now. */
  readonly terminate: () => void;
  /** Ends the instance. */
  readonly destroy: () => void;
  readonly onEvent: ((event: unknown) => void) | undefined;
}

/** The longest time of a timer of Node's. */
const MOST_TIMER_MS = 2 ** 31 - 1;

export class WorkerInstance<Control extends ControlMethods> implements AsyncDisposable {
  /** Settles when the worker is free or gone; never rejects. */
  readonly ended: Promise<InstanceEnd>;
  /** Settles when nothing of it runs any more: a thread that was ended may still hang in a system call. Never rejects. */
  readonly released: Promise<void>;
  readonly #remote: Remote<Record<string, (...args: unknown[]) => Promise<ControlReply<unknown>>>>;
  readonly #terminate: () => void;
  readonly #destroy: () => void;
  #end: InstanceEnd | undefined;
  #closing: Promise<void> | undefined;
  #isDestroyed = false;

  constructor({ controlPort, eventPort, ended, released, terminate, destroy, onEvent }: Parts) {
    this.#remote = wrap(controlEndpoint(controlPort));
    this.released = released;
    this.#terminate = terminate;
    this.#destroy = destroy;
    eventPort.on('message', (event) => onEvent?.(event));
    this.ended = ended.then(async (end) => {
      // What the worker posted before it ended is in the queues of the ports, which the event loop may handle only later.
      for (const port of [eventPort, controlPort]) deliverQueued(port);
      // Who has waited for an answer goes on before the end is known.
      await new Promise((resolve) => setImmediate(resolve));
      this.#remote[releaseProxy]();
      controlPort.close();
      eventPort.close();
      this.#end = end;
      return end;
    });
  }

  /** How the instance has lost its thread; undefined as long as it has one, and when its program has returned. */
  get loss(): Extract<InstanceEnd, { kind: 'lost' }> | undefined {
    return this.#end?.kind === 'lost' ? this.#end : undefined;
  }

  /** Whether it was asked to end, by `close` or `destroy`. */
  get isClosing(): boolean {
    return this.#closing !== undefined || this.#isDestroyed;
  }

  /** Whether it was asked to end and has ended. A call that rejects then was left without an answer, which is no failure. */
  get isClosed(): boolean {
    return this.isClosing && this.#end !== undefined;
  }

  /**
   * Calls a method of the worker's control object. Settles also when the worker dies meanwhile.
   * @throws what the method threw, with its class and code; when the worker ended before it answered, what `loss` tells.
   */
  async call<Method extends keyof Control & string>(
    method: Method,
    ...args: Parameters<Control[Method]>
  ): Promise<Awaited<ReturnType<Control[Method]>>> {
    // What stands for a worker that is gone cannot be called.
    if (this.#end !== undefined) return this.#lost(method);
    const answer = this.#remote[method] as unknown as (
      ...args: unknown[]
    ) => Promise<ControlReply<Awaited<ReturnType<Control[Method]>>>>;
    const reply = await Promise.race([answer(...args), this.#lost(method)]);
    if (!reply.ok) throw deserializeError(reply.error);
    return reply.value;
  }

  /** Asks the instance to end and, when it does not in time, ends its thread. Calling it again does nothing. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Ends the thread at once, whatever it is doing. The instance goes on in another one if its runner gives it one. */
  terminate(): void {
    this.#terminate();
  }

  /** Ends the instance at once, whatever it is doing. */
  async destroy(): Promise<void> {
    this.#isDestroyed = true;
    this.#destroy();
    // Its ports are gone before it is told that it has ended, and nothing else may keep the process until then.
    const alive = setInterval(() => {}, MOST_TIMER_MS);
    await this.ended;
    clearInterval(alive);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const backstop = setTimeout(() => void this.destroy(), CLOSE_GRACE_MS);
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

/** Delivers what lies in the port's queue, in its order, as the event loop would. */
function deliverQueued(port: MessagePort): void {
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port))
    port.emit('message', next.message);
}
