/** What the programs of both kinds of plugin consist of: the plugin's log, its sandbox, its instance, and the calls of the runner. */
import {
  type CompiledComponent,
  type ControlMethods,
  type InstanceTask,
  RunStatusWriter,
  serveControl,
} from '@chipmunk-host/runtime/internal/worker';
import type { AdapterContext } from '../../api/contract/parser-adapter.js';
import type { LogLevel } from '../../shared/config/config-schema.js';
import { InstanceMeterWriter } from '../../shared/protocol/instance-meter.js';
import type { LogLimits } from '../../shared/protocol/log-limits.js';
import type { LogEvent } from '../../shared/protocol/log-line.js';
import { CallMonitor } from './call-monitor.js';
import { InstanceManager, type PluginAdapter } from './instance-manager.js';
import { PluginLog } from './plugin-log.js';
import { PluginSandbox } from './plugin-sandbox.js';
import { threadUsage } from './thread-usage.js';
import { Turns } from './turns.js';

/** What the payloads of both kinds have in common. */
interface WorkerPayload {
  readonly component: CompiledComponent;
  readonly plugin: string;
  readonly tempDirectory: string | undefined;
  readonly logLevel: LogLevel;
  readonly logLimits: LogLimits;
  readonly status: SharedArrayBuffer;
  readonly meter: SharedArrayBuffer;
  readonly cpuProfileDirectory: string | undefined;
}

export interface PluginWorkerParts<Adapter> {
  /** See InstanceManager. */
  load(): Promise<(context: AdapterContext) => Adapter>;
  /** Posts log lines to the runner. */
  post(event: LogEvent): void;
  /** Posts what else is gathered between two turns of the event loop. */
  flush?(): void;
}

export class PluginWorker<Info, Adapter extends PluginAdapter<Info>> {
  readonly log: PluginLog;
  readonly instance: InstanceManager<Info, Adapter>;
  readonly calls: CallMonitor;
  readonly turns: Turns;
  readonly #meter: InstanceMeterWriter;
  readonly #sandbox: PluginSandbox;
  readonly #flush: (() => void) | undefined;
  readonly #profileDirectory: string | undefined;
  readonly #plugin: string;

  constructor(payload: WorkerPayload, { load, post, flush }: PluginWorkerParts<Adapter>) {
    const { component, plugin, tempDirectory, logLevel, logLimits } = payload;
    const status = new RunStatusWriter(payload.status);
    const meter = new InstanceMeterWriter(payload.meter, threadUsage);
    this.#meter = meter;
    this.log = new PluginLog(logLevel, (lines, dropped) => post({ kind: 'log', lines, dropped }), logLimits);
    this.#sandbox = new PluginSandbox({ component, tempDirectory, log: this.log, logLimits });
    this.#flush = flush;
    this.#profileDirectory = payload.cpuProfileDirectory;
    this.#plugin = plugin;
    this.instance = new InstanceManager({ plugin, sandbox: this.#sandbox, status, meter, logLevel, load });
    const lastLines = () => this.log.lastLines();
    this.calls = new CallMonitor({ status, meter, instance: this.instance, lastLines });
    this.turns = new Turns(() => {
      this.log.flush();
      flush?.();
      meter.lookAtThread();
    });
  }

  /** Measures a run of the plugin's loop. */
  async run<Outcome>(work: () => Promise<Outcome>): Promise<Outcome> {
    const directory = this.#profileDirectory;
    if (directory === undefined) return this.#metered(work);
    const { profiled } = await import('./cpu-profile.js');
    const parts = { directory, plugin: this.#plugin, warn: (message: string) => this.log.addOwn(message) };
    return profiled(parts, () => this.#metered(work));
  }

  async #metered<Outcome>(work: () => Promise<Outcome>): Promise<Outcome> {
    this.#meter.runBegan();
    try {
      return await work();
    } finally {
      this.#meter.runEnded();
    }
  }

  /** Passes on what was logged and gathered, and the line that the plugin has begun to write. */
  flush(): void {
    this.#sandbox.flush();
    this.#flush?.();
  }

  /** Serves the runner's calls until it closes the instance; the worker is then free for the next one. */
  async serve(
    { controlPort, eventPort }: Pick<InstanceTask, 'controlPort' | 'eventPort'>,
    control: ControlMethods,
  ): Promise<void> {
    await serveControl(controlPort, control);
    this.#sandbox.close();
    controlPort.close();
    eventPort.close();
  }
}
