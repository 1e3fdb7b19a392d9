/** Starts instances for the main thread: each in a thread of its own, or with a runner that gives it one thread after the other. */
import { MessageChannel } from 'node:worker_threads';
import { HostError, serializeError } from '../shared/errors.js';
import { closedEnd, failedEnd, type InstanceEnd } from '../shared/instance/instance-end.js';
import type {
  InstanceTask,
  SupervisorReply,
  SupervisorRequest,
  SupervisorSettings,
} from '../shared/instance/messages.js';
import { WorkerInstance } from '../shared/instance/worker-instance.js';
import { CallTimeLimit } from './call-time-limit.js';
import type { InstanceLauncher, RunnerTask } from './runner-task.js';
import { type Thread, Threads } from './threads.js';

type EndRequest = Extract<SupervisorRequest, { kind: 'end' }>;
type StartRequest = Extract<SupervisorRequest, { kind: 'start' }>;
type Runner = (task: RunnerTask) => Promise<void>;

export class Supervisor {
  readonly #reply: (reply: SupervisorReply) => void;
  readonly #threads: Threads;
  /** How to end each instance, or the thread that it has now. */
  readonly #running = new Map<number, Record<EndRequest['what'], () => void>>();

  constructor(settings: SupervisorSettings, reply: (reply: SupervisorReply) => void) {
    this.#reply = reply;
    this.#threads = new Threads(settings);
  }

  handle(request: SupervisorRequest): void {
    switch (request.kind) {
      case 'start':
        void this.#start(request);
        break;
      case 'end':
        this.#running.get(request.id)?.[request.what]();
        break;
      case 'close':
        void this.#threads.close().then(() => this.#reply({ kind: 'closed' }));
        break;
    }
  }

  async #start(request: StartRequest): Promise<void> {
    const { id } = request;
    const threads: Thread[] = [];
    const end = await (request.runner === undefined
      ? this.#runThread(request, threads)
      : this.#runRunner(request, request.runner, threads));
    this.#running.delete(id);
    const { kind, hangs } = end;
    this.#reply(kind === 'returned' ? { kind, id, hangs } : { kind, id, hangs, error: serializeError(end.error) });
    await Promise.all(threads.map(({ gone }) => gone));
    this.#reply({ kind: 'released', id });
  }

  #runThread({ id, task, program }: StartRequest, threads: Thread[]): Promise<InstanceEnd> {
    const thread = this.#threads.run({ task, program });
    threads.push(thread);
    this.#running.set(id, { instance: thread.end, thread: thread.end });
    return thread.ended;
  }

  async #runRunner({ id, task, program }: StartRequest, runner: string, threads: Thread[]): Promise<InstanceEnd> {
    const launcher = new Launcher(this.#threads, program, threads);
    const told = new Promise<InstanceEnd>((resolve) => {
      this.#running.set(id, {
        instance() {
          launcher.close();
          resolve(closedEnd(false));
        },
        thread: () => launcher.endThread(),
      });
    });
    try {
      const { default: run } = (await import(runner)) as { readonly default: Runner };
      const returned = run({ ...task, launcher }).then((): InstanceEnd => ({ kind: 'returned', hangs: false }));
      const end = await Promise.race([told, returned]).catch(failedEnd);
      launcher.close();
      const ends = await Promise.all(threads.map(({ ended }) => ended));
      return { ...end, hangs: ends.some(({ hangs }) => hangs) };
    } catch (cause) {
      return failedEnd(cause);
    } finally {
      launcher.close();
      task.controlPort.close();
      task.eventPort.close();
    }
  }
}

/** The threads of one instance. */
class Launcher implements InstanceLauncher {
  readonly #threads: Threads;
  readonly #program: string | undefined;
  readonly #started: Thread[];
  #closed = false;

  /** @param started where each thread is noted */
  constructor(threads: Threads, program: string | undefined, started: Thread[]) {
    this.#threads = threads;
    this.#program = program;
    this.#started = started;
  }

  launch: InstanceLauncher['launch'] = (payload, { status, deadlineMs, onEvent, onStall }) => {
    if (this.#closed) throw new HostError('ERR_CLOSED', 'The instance is closed.');
    const control = new MessageChannel();
    const events = new MessageChannel();
    const task: InstanceTask = { controlPort: control.port2, eventPort: events.port2, payload };
    const watch = new CallTimeLimit(status, deadlineMs);
    const thread = this.#threads.run({ task, program: this.#program, watch, onStall });
    this.#started.push(thread);
    return new WorkerInstance({
      controlPort: control.port1,
      eventPort: events.port1,
      ended: thread.ended,
      released: thread.gone,
      terminate: thread.end,
      destroy: thread.end,
      onEvent,
    });
  };

  endThread(): void {
    this.#started.at(-1)?.end();
  }

  close(): void {
    this.#closed = true;
    this.endThread();
  }
}
