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

  /** Whether it was asked to end: what it cannot do any more is no failure then. */
  get isClosing(): boolean {
    return this.#closing;
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
   * Goes on with another thread, which is configured as the first one was. Does nothing once the instance is closed.
   * @throws the error of one that fails to start
   */
  async restart(): Promise<void> {
    if (this.#closing) return;
    try {
      // Where nobody asked the first one about itself, the answers are known to all.
      if (this.#isAsked) await this.open();
      else this.#thread = this.#start();
      await this.#calls.init();
    } catch (error) {
      await this.thread.instance.close();
      throw error;
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
