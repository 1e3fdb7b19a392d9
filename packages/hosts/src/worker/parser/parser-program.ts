/**
 * The program of a worker that runs one parser instance. Started by supervisor/parser.runner.ts through the worker pool; it
 * returns when the runner calls `close`, and the worker is then free for the next instance.
 */
import {
  BatchRingWriter,
  HostError,
  type InstanceTask,
  PluginContractError,
  RunStatusWriter,
  serveControl,
} from '@chipmunk-host/runtime/internal/worker';
import type { ParserAdapter } from '../../api/contract/parser-adapter.js';
import { loadParserAdapter } from '../../api/versions.js';
import type { ParserInfo } from '../../shared/plugin-info.js';
import type { LogEvent } from '../../shared/protocol/log-line.js';
import type { ParseErrorEvent } from '../../shared/protocol/parse-errors.js';
import type {
  ParserControl,
  ParserThreadPayload,
  RunOutcome,
  RunRequest,
} from '../../shared/protocol/parser-messages.js';
import type { SplitPlan } from '../../shared/protocol/split-plan.js';
import { RestartLimit } from '../../shared/restart-limit.js';
import type { ByteInput } from '../input/byte-input.js';
import { FileReader } from '../input/file-input.js';
import { openSource } from '../input/input-opening.js';
import { SourceRestarts } from '../input/source-restarts.js';
import { InstanceManager } from '../instance/instance-manager.js';
import { PluginLog } from '../instance/plugin-log.js';
import { PluginSandbox } from '../instance/plugin-sandbox.js';
import type { Quarantine } from '../recovery/quarantine.js';
import { ParseErrorLog } from './parse-error-log.js';
import { ProducerLoop, type ProducerParts } from './producer-loop.js';
import { runSplits } from './split-runs.js';

export async function runParser({ controlPort, eventPort, payload }: InstanceTask<ParserThreadPayload>): Promise<void> {
  const worker = new ParserWorker(payload, (event) => eventPort.postMessage(event));
  const control: ParserControl = {
    open: () => worker.keeper.open(),
    init: (config, grants) => worker.keeper.init(config, grants),
    run: (request) => worker.run(request),
    close: () => worker.stop(),
  };
  await serveControl(controlPort, control);
  worker.close();
  controlPort.close();
  eventPort.close();
}

/** What differs between the loops of one worker. */
type LoopParts = Pick<
  ProducerParts,
  | 'source'
  | 'window'
  | 'recovery'
  | 'restartLimit'
  | 'offset'
  | 'continues'
  | 'failures'
  | 'unreported'
  | 'sourceRestarts'
>;

class ParserWorker {
  readonly keeper: InstanceManager<ParserInfo, ParserAdapter>;
  readonly #payload: ParserThreadPayload;
  readonly #logs: PluginLog;
  readonly #parseErrors: ParseErrorLog;
  readonly #sandbox: PluginSandbox;
  readonly #status: RunStatusWriter;
  #quarantine: Quarantine | undefined;
  /** What is being read. */
  #source: ByteInput | undefined;
  readonly #ring: BatchRingWriter;

  constructor(payload: ParserThreadPayload, post: (event: LogEvent | ParseErrorEvent) => void) {
    const { component, logLevel, logLimits, options } = payload;
    this.#payload = payload;
    this.#logs = new PluginLog(logLevel, (records, dropped) => post({ kind: 'log', records, dropped }), logLimits);
    this.#parseErrors = new ParseErrorLog(post);
    this.#sandbox = new PluginSandbox({ ...payload, logs: this.#logs });
    this.#status = new RunStatusWriter(payload.status);
    this.#ring = new BatchRingWriter(payload.ring);
    this.keeper = new InstanceManager({
      sandbox: this.#sandbox,
      status: this.#status,
      logLevel,
      load: async () => {
        const make = await loadParserAdapter(payload.apiVersion, component);
        return (context) => make(payload.ring, context, options);
      },
    });
  }

  async run(request: RunRequest): Promise<RunOutcome> {
    try {
      this.#quarantine ??= await this.#openQuarantine();
      this.#ring.begin(request.offset, request.pieces?.first ?? 0);
      return await this.#produce(request);
    } finally {
      this.#sandbox.flush();
      this.#parseErrors.flush();
      this.#ring.close();
    }
  }

  /** Has a run that waits for input go on. The runner has stopped the ring: the run ends then, as soon as it looks there. */
  stop(): void {
    this.#source?.stop?.();
  }

  close(): void {
    this.#sandbox.close();
  }

  async #produce(request: RunRequest): Promise<RunOutcome> {
    return request.pieces === undefined ? this.#produceAll(request) : this.#producePieces(request, request.pieces);
  }

  async #produceAll(request: RunRequest): Promise<RunOutcome> {
    const sourceRestarts = new SourceRestarts(request.sourceRestarts);
    const source = openSource(request.source, sourceRestarts);
    this.#source = source;
    try {
      const restartLimit = new RestartLimit(request.recovery);
      return await this.#loop({ ...request, source, sourceRestarts, restartLimit, continues: false }).run();
    } finally {
      await source.close();
    }
  }

  async #producePieces(request: RunRequest, plan: SplitPlan): Promise<RunOutcome> {
    if (!('file' in request.source)) throw new HostError('ERR_INTERNAL', 'Only a file can be split.');
    const reader = new FileReader(request.source.file);
    const sourceRestarts = new SourceRestarts([]);
    const restartLimit = new RestartLimit(request.recovery);
    try {
      return await runSplits(reader, plan, request, {
        ring: this.#ring,
        run: async ({ isFirst, isLast, ...piece }) => {
          const loop = this.#loop({ ...request, ...piece, sourceRestarts, restartLimit, continues: !isFirst });
          const outcome = await loop.run();
          if (loop.leftBytes > 0 && !isLast) throw leftBehind(loop.leftBytes, piece.source.end);
          return outcome;
        },
        onTurn: () => this.#tell(),
      });
    } finally {
      reader.close();
    }
  }

  #loop(parts: LoopParts): ProducerLoop {
    const { source } = parts;
    return new ProducerLoop({
      ...parts,
      seat: this.keeper,
      plugin: this.#payload.plugin,
      ring: this.#ring,
      recycleBytes: this.#payload.recycleBytes,
      status: this.#status,
      onTurn: () => this.#tell(),
      onParseError: (message, offset) => this.#parseErrors.add(message, offset),
      lastLines: () => this.#logs.lastLines(),
      excerpts: this.#payload.excerpts,
      onLostInput: (from, byteLength, error) =>
        this.#quarantine?.keep(from, byteLength, error, (into) => source.read(into, from)),
    });
  }

  #tell(): void {
    this.#logs.flush();
    this.#parseErrors.flush();
  }

  async #openQuarantine(): Promise<Quarantine | undefined> {
    const { quarantine, plugin, component, apiVersion, logLevel } = this.#payload;
    if (quarantine === undefined) return undefined;
    const circumstances = () => ({ plugin, hash: component.hash, apiVersion, logLevel, config: this.keeper.config });
    const { Quarantine } = await import('../recovery/quarantine.js');
    return new Quarantine(quarantine, circumstances, (message) => this.#logs.addOwn(message));
  }
}

function leftBehind(bytes: number, end: number): PluginContractError {
  const message = `The plugin left ${bytes} bytes before byte ${end}, where its metadata say that the input can be split.`;
  return new PluginContractError(message, {
    phase: 'parse',
    help: 'Run it without `parallel`, and correct its metadata.',
  });
}
