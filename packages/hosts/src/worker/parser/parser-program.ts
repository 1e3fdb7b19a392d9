/**
 * The program of a worker that runs one parser instance. Started by supervisor/parser.runner.ts through the worker pool; it
 * returns when the runner calls `close`, and the worker is then free for the next instance.
 */
import {
  BatchRingWriter,
  ByteRingReader,
  HostError,
  type InstanceTask,
  PluginContractError,
} from '@chipmunk-host/runtime/internal/worker';
import type { ParserAdapter } from '../../api/contract/parser-adapter.js';
import { loadParserAdapter } from '../../api/versions.js';
import type { EncodingPlan } from '../../shared/encode/encoding-plan.js';
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
import type { SelectionPlan } from '../../shared/select/selection-plan.js';
import type { ByteInput } from '../input/byte-input.js';
import { FileInput, FileReader } from '../input/file-input.js';
import { RingInput } from '../input/ring-input.js';
import { SourceRestarts } from '../input/source-restarts.js';
import { PluginWorker } from '../instance/plugin-worker.js';
import type { RowsOver } from '../output/slot-encoder.js';
import type { SlotTransform } from '../output/slot-transform.js';
import type { Quarantine } from '../recovery/quarantine.js';
import { type GuessedRunParts, runGuessedSplits } from './guessed-runs.js';
import { ParseErrorLog } from './parse-error-log.js';
import { ProducerLoop, type ProducerParts } from './producer-loop.js';
import { SplitEvents } from './split-events.js';
import { runSplits } from './split-runs.js';

export function runParser(task: InstanceTask<ParserThreadPayload>): Promise<void> {
  return new ParserProgram(task.payload, (event) => task.eventPort.postMessage(event)).serve(task);
}

/** What differs between the loops of one worker. */
type LoopParts = Pick<
  ProducerParts,
  'input' | 'offset' | 'sourceRestarts' | 'restartLimit' | 'continues' | 'failures' | 'unreported'
>;

class ParserProgram {
  readonly #payload: ParserThreadPayload;
  readonly #worker: PluginWorker<ParserInfo, ParserAdapter>;
  readonly #parseErrors: ParseErrorLog;
  readonly #ring: BatchRingWriter;
  readonly #events: SplitEvents;
  #quarantine: Quarantine | undefined;
  #makeTransform: ((input: ByteInput) => SlotTransform) | undefined;
  /** What is being read. */
  #input: ByteInput | undefined;

  constructor(payload: ParserThreadPayload, post: (event: LogEvent | ParseErrorEvent) => void) {
    const { component, apiVersion, options, ring } = payload;
    this.#payload = payload;
    this.#events = new SplitEvents(post);
    const told = (event: LogEvent | ParseErrorEvent) => this.#events.add(event);
    this.#parseErrors = new ParseErrorLog(told);
    this.#ring = new BatchRingWriter(ring);
    this.#worker = new PluginWorker(payload, {
      post: told,
      flush: () => this.#parseErrors.flush(),
      load: async () => {
        const make = await loadParserAdapter(apiVersion, component);
        return (context) => make(ring, context, options);
      },
    });
  }

  serve(task: InstanceTask<ParserThreadPayload>): Promise<void> {
    return this.#worker.serve(task, {
      open: () => this.#worker.instance.open(),
      init: (config, grants) => this.#worker.instance.init(config, grants),
      renderOptions: async () => this.#worker.instance.ask((adapter) => adapter.renderOptions()),
      run: (request) => this.#run(request),
      // The runner has stopped the ring: a run that waits for input goes on, and ends as soon as it looks there.
      close: () => this.#input?.stop?.(),
    } satisfies ParserControl);
  }

  async #run(request: RunRequest): Promise<RunOutcome> {
    try {
      this.#quarantine ??= await this.#openQuarantine();
      this.#makeTransform = await this.#loadTransform(request);
      this.#ring.begin(request.offset, request.splits?.first ?? 0);
      this.#worker.turns.restart();
      const { splits } = request;
      return await this.#worker.run(() =>
        splits === undefined ? this.#runWhole(request) : this.#runParts(request, splits),
      );
    } finally {
      this.#worker.flush();
      this.#ring.close();
    }
  }

  async #runWhole(request: RunRequest): Promise<RunOutcome> {
    const { offset, failures, unreported, recovery } = request;
    const sourceRestarts = new SourceRestarts(request.sourceRestarts);
    // Not once more where another thread takes over.
    if (request.notice !== undefined && this.#ring.mark.sourceRestart === 0)
      sourceRestarts.addNotice(offset, request.notice);
    const input = openInput(request, sourceRestarts, () => this.#ring.mark.sourceRestart);
    this.#input = input;
    try {
      const restartLimit = new RestartLimit(recovery);
      const continues = false;
      const parts = { input, offset, sourceRestarts, restartLimit, continues, failures, unreported };
      return await this.#loop(request, parts).run();
    } finally {
      await input.close();
    }
  }

  async #runParts(request: RunRequest, plan: SplitPlan): Promise<RunOutcome> {
    if (!('file' in request.source)) throw new HostError('ERR_INTERNAL', 'Only a file can be split.');
    const reader = new FileReader(request.source.file);
    try {
      if (plan.patterns === undefined) return await this.#runSplits(reader, request, plan);
      return await runGuessedSplits(reader, plan, request, this.#guessedParts(request));
    } finally {
      reader.close();
      this.#flush();
      this.#events.stop();
    }
  }

  #guessedParts(request: RunRequest): GuessedRunParts {
    const sourceRestarts = new SourceRestarts([]);
    const restartLimit = new RestartLimit(request.recovery);
    const { instance } = this.#worker;
    const events = this.#events;
    return {
      events,
      ring: this.#ring,
      turns: this.#worker.turns,
      run: async ({ input, offset, failures, unreported, isFirst }) => {
        const continues = !isFirst;
        const parts = { input, offset, sourceRestarts, restartLimit, continues, failures, unreported };
        const loop = this.#loop(request, parts);
        return { ...(await loop.run()), ...loop.itemsOfInstance };
      },
      flush: () => this.#flush(),
      renew: async () => {
        await instance.replace();
        this.#flush();
      },
    };
  }

  /** Posts what is gathered otherwise up to the next turn. */
  #flush(): void {
    this.#worker.flush();
    this.#worker.log.flush();
  }

  async #runSplits(reader: FileReader, request: RunRequest, plan: SplitPlan): Promise<RunOutcome> {
    const sourceRestarts = new SourceRestarts([]);
    const restartLimit = new RestartLimit(request.recovery);
    return await runSplits(reader, plan, request, {
      ring: this.#ring,
      turns: this.#worker.turns,
      run: async ({ input, offset, failures, unreported, isFirst, isLast }) => {
        const continues = !isFirst;
        const parts = { input, offset, sourceRestarts, restartLimit, continues, failures, unreported };
        const loop = this.#loop(request, parts);
        const outcome = await loop.run();
        if (loop.leftBytes > 0 && !isLast) throw leftBehind(loop.leftBytes, input.end);
        return outcome;
      },
    });
  }

  #loop({ origin, window, recovery, selection, maxLatencyMs }: RunRequest, parts: LoopParts): ProducerLoop {
    const { plugin, recycleBytes, excerpts } = this.#payload;
    const { instance, calls, turns } = this.#worker;
    const { input, offset, sourceRestarts, restartLimit, continues, failures, unreported } = parts;
    return new ProducerLoop({
      origin,
      plugin,
      instance,
      calls,
      turns,
      ring: this.#ring,
      input,
      transform: this.#makeTransform?.(input),
      mostSelected: mostSelected(selection),
      offset,
      sourceRestarts,
      window,
      maxLatencyMs,
      recovery,
      restartLimit,
      recycleBytes,
      continues,
      failures,
      unreported,
      excerpts,
      onParseError: (message, at) => this.#parseErrors.add(message, at),
      onLostInput: (from, byteLength, error) =>
        this.#events.whenDelivered(() =>
          this.#quarantine?.keep(from, byteLength, error, (into) => input.read(into, from)),
        ),
    });
  }

  /** Most sessions have no use for it. */
  async #loadTransform({
    encoding,
    selection,
  }: RunRequest): Promise<((input: ByteInput) => SlotTransform) | undefined> {
    const { ring } = this.#payload;
    const selecting = selection && (await (await import('../output/selecting.js')).Selecting.load(ring, selection));
    if (encoding === undefined) return selecting && (() => selecting.slotSelector());
    const { SlotEncoder } = await import('../output/slot-encoder.js');
    const rowsOf = await loadRows(encoding);
    return (input) => new SlotEncoder(ring, encoding, rowsOf(input), selecting?.rowPicker());
  }

  async #openQuarantine(): Promise<Quarantine | undefined> {
    const { quarantine, plugin, component, apiVersion, logLevel } = this.#payload;
    if (quarantine === undefined) return undefined;
    const { instance, log } = this.#worker;
    const circumstances = () => ({ plugin, hash: component.hash, apiVersion, logLevel, config: instance.config });
    const { Quarantine } = await import('../recovery/quarantine.js');
    return new Quarantine(quarantine, circumstances, (message) => log.addOwn(message));
  }
}

/** Only the code of the format that is written. */
async function loadRows({ format, arrow }: EncodingPlan): Promise<(input: ByteInput) => RowsOver> {
  if (format === 'raw') {
    const { RawRows } = await import('../output/raw-rows.js');
    return (input) => (memory) => new RawRows(memory, input);
  }
  if (arrow !== undefined) {
    const { ArrowRows } = await import('../../shared/encode/arrow/arrow-rows.js');
    return () => (memory, programAt) => new ArrowRows(memory, arrow, programAt);
  }
  const { RowEncoder } = await import('../../shared/encode/row-encoder.js');
  return () => (memory, programAt) => new RowEncoder(memory, programAt);
}

/**
 * @param restarts told of restarts of a byte-source plugin, and of what happens to a built-in source
 * @param reported number of the last of them that the stream tells of
 */
function openInput({ source, maxLatencyMs }: RunRequest, restarts: SourceRestarts, reported: () => number): ByteInput {
  if ('file' in source) return new FileInput(source.file);
  // Closing it leaves the ring as it is: another parser may go on with it. The main thread ends it with the session.
  const reader = new ByteRingReader(source.ring, { onNote: (note) => restarts.add(note) });
  const onEvent = (position: number, text: Uint8Array) => restarts.addEvent(position, text);
  const marks = source.marks && { memory: source.marks, reported, onEvent };
  return new RingInput(reader, { memory: source.memory, numbers: source.numbers, lingerMs: maxLatencyMs, marks });
}

/** With a limit of 0 not even what is to be skipped is wanted. */
function mostSelected(selection: SelectionPlan | undefined): number {
  const { skip = 0, limit = Number.POSITIVE_INFINITY } = selection ?? {};
  return limit === 0 ? 0 : skip + limit;
}

function leftBehind(bytes: number, end: number): PluginContractError {
  const message = `The plugin left ${bytes} bytes before byte ${end}, where its metadata say that the input can be split.`;
  return new PluginContractError(message, { help: 'Run it without `parallel`, and fix its metadata.' });
}
