/**
 * The program of a worker that runs one byte-source instance. Started by supervisor/byte-source.runner.ts in a worker of the
 * pool; it returns when the runner calls `close`, and the worker is then free for the next instance.
 */
import { addContext, HostError, type InstanceTask, PluginError } from '@chipmunk-host/runtime/internal/worker';
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
import { PluginWorker } from '../instance/plugin-worker.js';
import { SourceOutput } from './source-output.js';
import { SourcePump } from './source-pump.js';

export function runByteSource(task: InstanceTask<ByteSourceThreadPayload>): Promise<void> {
  return new ByteSourceProgram(task.payload, (event) => task.eventPort.postMessage(event)).serve(task);
}

class ByteSourceProgram {
  readonly #payload: ByteSourceThreadPayload;
  readonly #post: (event: ByteSourceThreadEvent) => void;
  readonly #worker: PluginWorker<ByteSourceInfo, ByteSourceAdapter>;
  readonly #output: SourceOutput;

  constructor(payload: ByteSourceThreadPayload, post: (event: ByteSourceThreadEvent) => void) {
    const { component, apiVersion, options, recovery, ring, progress } = payload;
    this.#payload = payload;
    this.#post = post;
    this.#output = new SourceOutput({
      ring,
      progress,
      checksum: recovery.mode === 'replay' && recovery.maxRestarts > 0,
    });
    this.#worker = new PluginWorker(payload, {
      post,
      load: async () => {
        const make = await loadByteSourceAdapter(apiVersion, component);
        return (context) => make(context, options);
      },
    });
  }

  serve(task: InstanceTask<ByteSourceThreadPayload>): Promise<void> {
    return this.#worker.serve(task, {
      open: () => this.#worker.instance.open(),
      init: (config, grants) => this.#worker.instance.init(config, grants),
      run: (request) => this.#run(request),
      // The runner has stopped the ring: the run that is under way ends, and is answered before this call is.
      close() {},
    } satisfies ByteSourceThreadControl);
  }

  /** An error is passed on in the ring, behind the bytes that came before it, and then thrown. */
  async #run(request: SourceRunRequest): Promise<ByteSourceOutcome> {
    const { plugin, recovery, follow } = this.#payload;
    const { instance, calls, turns, log } = this.#worker;
    const pump = new SourcePump({
      plugin,
      instance,
      calls,
      turns,
      output: this.#output,
      recovery,
      follow,
      onFailedRanges: (ranges) => this.#post({ kind: 'failed-ranges', ranges }),
      onRestart: (restart) => this.#post({ kind: 'restarted', restart }),
      warn: (message) => log.addOwn(message),
    });
    try {
      const outcome = await this.#worker.run(() => pump.run(request));
      // One that was stopped has not reached the end of its input.
      if (outcome.reason === 'end') this.#output.close();
      return outcome;
    } catch (thrown) {
      const error = this.#withPlugin(thrown);
      this.#worker.flush();
      await this.#output.fail(error);
      throw error;
    } finally {
      this.#worker.flush();
    }
  }

  /** The parser's worker, which meets the error in the ring, knows nothing of this plugin. */
  #withPlugin(thrown: unknown): unknown {
    const { plugin } = this.#payload;
    if (!(thrown instanceof HostError) || thrown instanceof PluginError)
      return addContext(thrown, { plugin, phase: 'read' });
    const message = `The byte-source '${plugin}' failed after ${this.#output.bytes} bytes: ${thrown.message}`;
    return new HostError(thrown.code, message, thrown.help === undefined ? {} : { help: thrown.help });
  }
}
