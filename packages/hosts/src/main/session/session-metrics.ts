/** What a session costs and who waits for whom in it, as seen from outside: no thread is asked, so none has to answer. */
import { type RingMemory, ringUsage } from '@chipmunk-host/runtime/internal';
import type { OpenedInput } from '../input/opened-input.js';
import type { SessionAccount, SessionSummary } from './ingest-progress.js';
import {
  type InstanceMetrics,
  instanceMetrics,
  type QueueMetrics,
  queueMetrics,
  sumOfInstances,
} from './instance-metrics.js';

/**
 * What the others wait for. `consumer`: whoever takes the batches. `plugin`: the parser. `input`: the file, the stream or the byte-source.
 * `host`: taking over items, or the processor, for which others compete.
 */
export type Bottleneck = 'consumer' | 'plugin' | 'input' | 'host';

/** What a session costs, where its time goes, and who waits for whom in it. */
export interface SessionMetrics {
  /** What was delivered, with gaps, restarts and errors by code: the same as the session's own. */
  readonly summary: SessionSummary;
  /** How many instances of the parser share the work. */
  readonly instances: number;
  /** All of them together. */
  readonly parser: InstanceMetrics;
  /** The byte-source plugin; undefined without one. */
  readonly source: InstanceMetrics | undefined;
  /** Bytes on their way from a stream or a byte-source to the parser; undefined for a file, which the parser's worker reads itself. */
  readonly input: QueueMetrics | undefined;
  /** Batches on their way from the parser to the consumer. The one that was delivered last is among them until the next is asked for. */
  readonly output: QueueMetrics;
  /** Over the whole session so far; undefined as long as there is nothing to tell it from. */
  readonly bottleneck: Bottleneck | undefined;
}

/** One instance of the parser, as this needs it. */
export interface MeteredParser {
  readonly plugin: string;
  readonly meter: SharedArrayBuffer;
  readonly ring: RingMemory;
}

interface Parts {
  readonly account: SessionAccount;
  readonly parsers: readonly [MeteredParser, ...MeteredParser[]];
  readonly input: Pick<OpenedInput, 'request' | 'lanes' | 'source'>;
}

export class SessionMeters {
  #parts: Parts | undefined;
  /** What was measured when everything had ended. */
  #last: SessionMetrics | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  metrics(): SessionMetrics {
    if (this.#last !== undefined) return this.#last;
    return take(this.#parts as Parts, false);
  }

  /** When the session has ended: the rings are let go of. */
  end(): SessionMetrics {
    this.#last ??= take(this.#parts as Parts, true);
    this.#parts = undefined;
    return this.#last;
  }
}

function take({ account, parsers, input }: Parts, ended: boolean): SessionMetrics {
  const { request, lanes = [request], source } = input;
  const inputs = lanes.flatMap((lane) => ('ring' in lane ? [ringUsage(lane.ring)] : []));
  const [inputUsage] = inputs;
  const outputs = parsers.map(({ ring }) => ringUsage(ring));
  const [first, ...others] = parsers.map(({ plugin, meter, ring }) =>
    instanceMetrics(plugin, meter, ringUsage(ring), ended),
  ) as [InstanceMetrics, ...InstanceMetrics[]];
  const parser = sumOfInstances(first, others);
  const output = queueMetrics(outputs);
  return {
    summary: account.summary(),
    instances: parsers.length,
    parser,
    source:
      source === undefined || inputUsage === undefined
        ? undefined
        : instanceMetrics(source.plugin, source.meter, inputUsage, ended),
    input: inputUsage && queueMetrics(inputs),
    output,
    bottleneck: bottleneckOf(parser, output, parsers.length),
  };
}

/**
 * The consumer, when the parser has waited for it for longer than it for the parser. Else what took most of the parser's time: whatever
 * that was, the consumer has waited for it.
 */
function bottleneckOf({ time }: InstanceMetrics, output: QueueMetrics, instances: number): Bottleneck | undefined {
  if (time.runMs === 0) return undefined;
  if (output.writerWaitMs / instances > output.readerWaitMs) return 'consumer';
  const { pluginMs, inputMs, hostMs } = time;
  const most = Math.max(pluginMs, inputMs, hostMs);
  return most === pluginMs ? 'plugin' : most === inputMs ? 'input' : 'host';
}
