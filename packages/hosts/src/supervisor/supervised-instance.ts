/** What runners of both kinds of plugin have in common: one instance, which is given one thread after the other. */
import {
  type ControlMethods,
  HostError,
  type RunnerTask,
  serveControl,
  type WasiGrants,
} from '@chipmunk-host/runtime/internal/supervisor';
import type { ConfigItem } from '../shared/config/config-schema.js';
import type { SupervisedThread } from './supervised-thread.js';

/** The calls that workers of both kinds have. */
interface ThreadControl<Info> extends ControlMethods {
  readonly open: () => Promise<Info>;
  readonly init: (config: readonly ConfigItem[], grants: WasiGrants) => Promise<void>;
}

export class SupervisedInstance<Info, Control extends ThreadControl<Info>> {
  readonly #start: () => SupervisedThread<Control>;
  #thread: SupervisedThread<Control> | undefined;
  #config: readonly ConfigItem[] = [];
  #grants: WasiGrants = {};
  #isAsked = false;
  #closing = false;

  /** @param start starts a thread */
  constructor(start: () => SupervisedThread<Control>) {
    this.#start = start;
  }

  /** The thread of now: not to be kept, since it is replaced. */
  get thread(): SupervisedThread<Control> {
    if (this.#thread === undefined)
      throw new HostError('ERR_INTERNAL', 'The control call came before `open` or `init`.');
    return this.#thread;
  }

  open(): Promise<Info> {
    this.#isAsked = true;
    this.#thread = this.#start();
    return this.#calls.open();
  }

  init(config: readonly ConfigItem[], grants: WasiGrants): Promise<void> {
    this.#config = config;
    this.#grants = grants;
    this.#thread ??= this.#start();
    return this.#calls.init();
  }

  /**
   * Runs on one thread after the other, each configured as the first one was, until one of them has an outcome.
   * @param call runs the program of a thread
   * @param onLoss called with what a thread was lost for; throws when no other one is to go on
   * @param onFailedStart called with what one has failed to start for; likewise
   * @returns undefined when the instance is closed
   */
  async run<Outcome>(
    call: (thread: SupervisedThread<Control>) => Promise<Outcome>,
    onLoss: (error: unknown, thread: SupervisedThread<Control>) => void | Promise<void>,
    onFailedStart: (error: unknown) => void | Promise<void>,
  ): Promise<Outcome | undefined> {
    while (!this.#closing) {
      const { thread } = this;
      try {
        return await call(thread);
      } catch (error) {
        if (thread.instance.isClosed) return undefined;
        if (thread.instance.loss === undefined) throw error;
        await onLoss(error, thread);
      }
      await thread.instance.close();
      await this.#startAgain(onFailedStart);
    }
    return undefined;
  }

  async #startAgain(onFailedStart: (error: unknown) => void | Promise<void>): Promise<void> {
    while (!this.#closing) {
      try {
        // Where nobody asked the first one about itself, the answers are known to all.
        if (this.#isAsked) await this.open();
        else this.#thread = this.#start();
        return await this.#calls.init();
      } catch (error) {
        await this.thread.instance.close();
        if (!this.#closing) await onFailedStart(error);
      }
    }
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#thread?.instance.close();
  }

  get #calls() {
    const { instance } = this.thread as unknown as SupervisedThread<ThreadControl<Info>>;
    return { open: () => instance.call('open'), init: () => instance.call('init', this.#config, this.#grants) };
  }
}

/** Serves a runner's control calls; resolves when `close` was called, and all of them are answered. */
export function serveRunner(
  { controlPort }: Pick<RunnerTask, 'controlPort'>,
  control: Readonly<Record<string, (...args: never[]) => unknown>> & { readonly close: () => Promise<void> },
): Promise<void> {
  return serveControl(controlPort, control as ControlMethods);
}
