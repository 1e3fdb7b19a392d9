/** One file over several instances: which requests are valid, and the plan for a given file. */
import { HostError } from '@chipmunk-host/runtime';
import type { ConfigSchema } from '../../shared/config/config-schema.js';
import { resolveConfig } from '../../shared/config/resolve-config.js';
import { ONE_BATCH_BYTES } from '../../shared/protocol/session-defaults.js';
import { type Boundary, patternBytes, type SplitPlan } from '../../shared/protocol/split-plan.js';
import type { ConfigSource } from '../grants/plugin-config.js';
import { HandedFile } from './handed-file.js';
import { InputFile } from './input-file.js';
import type { FoundSource } from './session-input.js';

/** Of each id that is named, the value of the configuration must be one of these. */
export type ParallelConfig = Readonly<Record<string, readonly (string | number | boolean)[]>>;

/** How several instances of a parser share a file. */
export interface ParallelOptions {
  /** How many instances work on the file at once, each in a worker of its own: 1 or more. 1 is as without this option. */
  readonly instances: number;
  /**
   * Where the parser's input can be split, so that it makes the same items of the parts as of the whole; its author has to say so.
   * `newline`: behind each LF that no byte order mark of UTF-8 follows. `pattern`: where one of `patterns` begins, as far as the part before
   * ends there: else the instance before goes on in the part, and what was parsed of it ahead is dropped.
   */
  readonly boundary: Boundary;
  /** For `pattern`: bytes in hexadecimal, such as `44 4c 54 01`, 1 to 64 for each pattern. */
  readonly patterns?: readonly string[] | undefined;
  /** With which values of the parser's configuration that holds; others are refused. Default: with all. */
  readonly onlyWith?: ParallelConfig | undefined;
  /** About how many bytes an instance works on before it is the next one's turn. Default 3 MiB, less 64 KiB. */
  readonly splitBytes?: number | undefined;
}

/** A little less than so many windows, since a split ends some bytes behind its length: the last window would be those bytes alone. */
const DEFAULT_SPLIT_BYTES = 3 * 1024 * 1024 - 64 * 1024;
/** Of windows that are smaller than a slot's one, an instance is ahead by so many batches at most. */
const MOST_SMALL_BATCHES = 15;
const MOST_SLOTS = 1024;

/** How the instances of a session share a file. */
export interface Split {
  readonly plans: readonly SplitPlan[];
  /**
   * Of the ring of each instance, which it fills while it waits for its turn: the batches of a whole split have to fit, with the mark behind them.
   * They are not many more, since memory that is written before it is read should still be in the processor's caches.
   */
  readonly slots: number;
}

/**
 * Undefined when one instance is to take all of the input, or has to since the file is so small.
 * @throws HostError `ERR_INVALID_OPTION` when the source is no regular file
 */
export function splitSource(
  source: FoundSource,
  parallel: ParallelOptions | undefined,
  windowBytes: number,
): Split | undefined {
  if (parallel === undefined) return undefined;
  const { splitBytes = DEFAULT_SPLIT_BYTES } = parallel;
  const patterns = patternsOf(parallel);
  if (parallel.instances < 2) return undefined;
  if (!(source instanceof InputFile)) throw notAFile(source);
  const { size } = source.request;
  const stride = Math.min(parallel.instances, Math.ceil(size / splitBytes));
  if (stride < 2) return undefined;
  // Each window makes at least one batch.
  const smallBatches = Math.min(Math.ceil(splitBytes / windowBytes), MOST_SMALL_BATCHES);
  const batches = Math.max(Math.ceil(splitBytes / ONE_BATCH_BYTES), smallBatches);
  const slots = Math.min(2 ** Math.ceil(Math.log2(batches + 1)), MOST_SLOTS);
  return {
    plans: Array.from({ length: stride }, (_, lane) => ({ patterns, size, splitBytes, first: lane, stride, lane })),
    slots,
  };
}

/** @throws HostError `ERR_INVALID_OPTION` when there have to be some and are none, or the other way round */
function patternsOf({ boundary, patterns = [] }: ParallelOptions): SplitPlan['patterns'] {
  if ((boundary === 'pattern') !== patterns.length > 0) {
    const expected = boundary === 'pattern' ? 'at least one pattern' : 'none';
    throw new HostError(
      'ERR_INVALID_OPTION',
      `The option parallel.patterns has ${patterns.length} patterns; with the boundary '${boundary}' expected ${expected}.`,
    );
  }
  return boundary === 'pattern' ? patterns.map(patternBytes) : undefined;
}

function notAFile(source: FoundSource): HostError {
  const path = source instanceof HandedFile ? source.path : undefined;
  const why = path === undefined ? '' : ` '${path}' can only be read from start to end.`;
  return new HostError('ERR_INVALID_OPTION', `Only a file can be parsed by several instances at once.${why}`, {
    help: 'Leave `parallel` out for streams and byte-source plugins.',
  });
}

/** @throws HostError `ERR_INVALID_OPTION` when the input cannot be split with this configuration */
export function requireSplittable(
  plugin: string,
  schemas: readonly ConfigSchema[],
  config: ConfigSource,
  { instances, onlyWith = {} }: ParallelOptions,
): void {
  if (instances < 2) return;
  const items = resolveConfig(schemas, typeof config === 'function' ? config(schemas) : config);
  for (const { id, value } of items) {
    const allowed = onlyWith[id];
    const given = value.value;
    if (allowed === undefined || (typeof given !== 'object' && allowed.includes(given))) continue;
    throw new HostError(
      'ERR_INVALID_OPTION',
      `The option parallel is ${instances}, and the parser '${plugin}' cannot read one file with several instances at once when '${id}' is '${given}'.`,
      { help: `Leave \`parallel\` out, or set '${id}' to one of: ${allowed.join(', ')}.` },
    );
  }
}
