/** The main thread's side of a pool's supervisor (supervisor/supervisor.worker.ts): starts it, and asks it for instances. */
import { type Transferable, Worker } from 'node:worker_threads';
import { deserializeError, type HostError } from '../../shared/errors.js';
import { failedEnd, type InstanceEnd, lostThread } from '../../shared/instance/instance-end.js';
import type {
  InstanceTask,
  SupervisorReply,
  SupervisorRequest,
  SupervisorSettings,
} from '../../shared/instance/messages.js';

const SUPERVISOR_WORKER = new URL('../../supervisor/supervisor.worker.js', import.meta.url);

/** What is known of an instance on the main thread; see WorkerInstance. */
interface StartedInstance {
  readonly ended: Promise<InstanceEnd>;
  readonly released: Promise<void>;
  terminate(): void;
  destroy(): void;
}

export class SupervisorThread {
  readonly #worker: Worker;
  /** How to tell that an instance has ended, and then that nothing of it is left. */
  readonly #started = new Map<number, (end: InstanceEnd) => void>();
  readonly #ended = new Map<number, () => void>();
  readonly #releasing = new Set<number>();
  readonly #closed: Promise<void>;
  #lastId = 0;
  #failure: InstanceEnd | undefined;
  #isClosing = false;

  /** @throws HostError when no thread can be started */
  constructor(settings: SupervisorSettings) {
    try {
      this.#worker = new Worker(SUPERVISOR_WORKER, { workerData: settings, env: {}, execArgv: [] });
    } catch (cause) {
      throw lostThread(cause);
    }
    this.#closed = new Promise((resolve) => {
      this.#worker.on('message', (reply: SupervisorReply) => (reply.kind === 'closed' ? resolve() : this.#take(reply)));
      this.#worker.once('error', (cause) => this.#fail(cause));
      this.#worker.once('exit', (code) => {
        this.#fail(new Error(`the thread of the pool ended with code ${code}`));
        resolve();
      });
    });
    // Instances that are open keep the process alive; the thread that looks after them does not. A listener that is added
    // later would make it do so again.
    this.#worker.unref();
  }

  /** Whether it can start instances. It takes all its workers with it when it ends. */
  get alive(): boolean {
    return this.#failure === undefined;
  }

  /** @param programs the worker's, where it is another one than the pool's; and the supervisor's, see RunnerTask */
  start(
    task: InstanceTask,
    { program, runner }: { readonly program: URL | undefined; readonly runner: URL | undefined },
  ): StartedInstance {
    if (this.#failure !== undefined)
      return { ended: Promise.resolve(this.#failure), released: Promise.resolve(), terminate() {}, destroy() {} };
    const id = ++this.#lastId;
    const ended = new Promise<InstanceEnd>((settle) => this.#started.set(id, settle));
    const released = new Promise<void>((release) => this.#ended.set(id, release));
    const ports = [task.controlPort, task.eventPort];
    this.#post({ kind: 'start', id, task, program: program?.href, runner: runner?.href }, ports);
    return {
      ended,
      released,
      terminate: () => this.#post({ kind: 'end', id, what: 'thread' }),
      destroy: () => this.#post({ kind: 'end', id, what: 'instance' }),
    };
  }

  /** Ends all threads. One that is in a system call is not waited for. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#worker.ref();
    this.#post({ kind: 'close' });
    await this.#closed;
    this.#worker.unref();
    // It joins its threads, of which one may be in a system call.
    void this.#worker.terminate();
  }

  #post(request: SupervisorRequest, transfer: Transferable[] = []): void {
    this.#worker.postMessage(request, transfer);
  }

  #take(reply: Exclude<SupervisorReply, { kind: 'closed' }>): void {
    const { id } = reply;
    if (reply.kind === 'released') {
      this.#ended.get(id)?.();
      this.#ended.delete(id);
      // Not while it is closed: `close` waits for an answer.
      if (this.#releasing.delete(id) && this.#releasing.size === 0 && !this.#isClosing) this.#worker.unref();
      return;
    }
    const { kind, hangs } = reply;
    const settle = this.#started.get(id);
    this.#started.delete(id);
    if (!hangs) this.#keepAlive(id);
    settle?.(
      kind === 'returned' ? { kind, hangs } : { kind, hangs, error: deserializeError(reply.error) as HostError },
    );
  }

  /** Its ports are closed now: nothing else keeps the process alive until nothing is left of it, which is at once. */
  #keepAlive(id: number): void {
    this.#releasing.add(id);
    this.#worker.ref();
  }

  #fail(cause: unknown): void {
    this.#failure ??= failedEnd(cause);
    for (const settle of this.#started.values()) settle(this.#failure);
    for (const release of this.#ended.values()) release();
    this.#started.clear();
    this.#ended.clear();
  }
}
