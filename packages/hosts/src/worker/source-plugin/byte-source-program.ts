/**
 * The program of a worker that runs one byte-source instance. Started by supervisor/byte-source.runner.ts in a worker of the
 * pool; it returns when the runner calls `close`, and the worker is then free for the next instance.
 */
import {
  HostError,
  type InstanceTask,
  PluginError,
  RunStatusWriter,
  serveControl,
} from '@chipmunk-host/runtime/internal/worker';
import type { ByteSourceAdapter } from '../../api/contract/byte-source-adapter.js';
import { loadByteSourceAdapter } from '../../api/versions.js';
import type { ByteSourceInfo } from '../../shared/plugin-info.js';
import type {
  ByteSourceOutcome,
  ByteSourceThreadControl,
  ByteSourceThreadEvent,
  ByteSourceThreadPayload,
  SourceRunRequest,
} from '../../shared/protocol/byte-source-messages.js';
import { InstanceManager } from '../instance/instance-manager.js';
import { PluginLog } from '../instance/plugin-log.js';
import { PluginSandbox } from '../instance/plugin-sandbox.js';
import { SourceOutput } from './source-output.js';
import { SourcePump } from './source-pump.js';

export async function runByteSource({
  controlPort,
  eventPort,
  payload,
}: InstanceTask<ByteSourceThreadPayload>): Promise<void> {
  const worker = new ByteSourceWorker(payload, (event) => eventPort.postMessage(event));
  const control: ByteSourceThreadControl = {
    open: () => worker.keeper.open(),
    init: (config, grants) => worker.keeper.init(config, grants),
    run: (request) => worker.run(request),
    // The runner has stopped the ring: the run that is under way ends, and is answered before this call is.
    close() {},
  };
  await serveControl(controlPort, control);
  worker.close();
  controlPort.close();
  eventPort.close();
}

class ByteSourceWorker {
  readonly keeper: InstanceManager<ByteSourceInfo, ByteSourceAdapter>;
  readonly #payload: ByteSourceThreadPayload;
  readonly #post: (event: ByteSourceThreadEvent) => void;
  readonly #logs: PluginLog;
  readonly #sandbox: PluginSandbox;
  readonly #status: RunStatusWriter;
  readonly #output: SourceOutput;

  constructor(payload: ByteSourceThreadPayload, post: (event: ByteSourceThreadEvent) => void) {
    const { component, logLevel, logLimits, options, recovery } = payload;
    this.#payload = payload;
    this.#post = post;
    this.#logs = new PluginLog(logLevel, (records, dropped) => post({ kind: 'log', records, dropped }), logLimits);
    this.#sandbox = new PluginSandbox({ ...payload, logs: this.#logs });
    this.#status = new RunStatusWriter(payload.status);
    this.#output = new SourceOutput({
      ...payload,
      checksum: recovery.mode === 'replay' && recovery.maxRestarts > 0,
    });
    this.keeper = new InstanceManager({
      sandbox: this.#sandbox,
      status: this.#status,
      logLevel,
      load: async () => {
        const make = await loadByteSourceAdapter(payload.apiVersion, component);
        return (context) => make(context, options);
      },
    });
  }

  /** An error is passed on in the ring, behind the bytes that came before it, and then thrown. */
  async run(request: SourceRunRequest): Promise<ByteSourceOutcome> {
    const pump = new SourcePump({
      ...this.#payload,
      seat: this.keeper,
      pluginName: this.#payload.plugin,
      output: this.#output,
      status: this.#status,
      onTurn: () => this.#sandbox.flush(),
      onTroubles: (troubles) => this.#post({ kind: 'troubles', troubles }),
      onRestart: (restart) => this.#post({ kind: 'restarted', restart }),
      warn: (message) => this.#logs.addOwn(message),
      lastLines: () => this.#logs.lastLines(),
    });
    try {
      const outcome = await pump.run(request);
      // One that was stopped has not come to the end of its input.
      if (outcome.reason === 'end') this.#output.close();
      return outcome;
    } catch (thrown) {
      const error = this.#named(thrown);
      this.#sandbox.flush();
      await this.#output.fail(error);
      throw error;
    } finally {
      this.#sandbox.flush();
    }
  }

  close(): void {
    this.#sandbox.close();
  }

  #named(thrown: unknown): unknown {
    const { plugin } = this.#payload;
    if (thrown instanceof PluginError) {
      thrown.plugin ??= plugin;
      thrown.phase ??= 'read';
      return thrown;
    }
    if (!(thrown instanceof HostError)) return thrown;
    const { code, message, help } = thrown;
    const options = help === undefined ? {} : { help };
    return new HostError(
      code,
      `The byte-source '${plugin}' failed after ${this.#output.bytes} bytes: ${message}`,
      options,
    );
  }
}
