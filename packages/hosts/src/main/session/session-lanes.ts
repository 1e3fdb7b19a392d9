/** The lanes of a session: a parser's instance in a worker for each, and who of them delivers next. */
import type { ReservedWorkers } from '@chipmunk-host/runtime/internal';
import type { RunRequest } from '../../shared/protocol/parser-messages.js';
import type { SplitEvent } from '../../shared/protocol/split-marks.js';
import { ParserHost, type ParserHostOptions } from '../host/parser-host.js';
import { requireSplittable, type Split } from '../input/file-split.js';
import type { OpenedInput } from '../input/opened-input.js';
import { GuessedTurns } from './guessed-turns.js';
import type { IngestOptions } from './ingest-options.js';
import type { Lane } from './lane.js';
import { type LaneTurns, TurnsByArrival, TurnsByTable } from './lane-turns.js';

/** With what was made of them for the workers. */
export type SessionOptions = IngestOptions & Pick<ParserHostOptions, 'quarantine' | 'onParseErrors'>;

/** @param onEvent told of what lanes that begin at a guess report */
export function turnsOf(
  lanes: readonly Lane[],
  split: Split | undefined,
  onEvent: (event: SplitEvent) => void,
): LaneTurns {
  if (split === undefined && lanes.length > 1) return new TurnsByArrival(lanes);
  return split?.plans[0]?.patterns === undefined ? new TurnsByTable(lanes) : new GuessedTurns(lanes, onEvent);
}

export function lend(input: OpenedInput, host: ParserHost): void {
  input.lendTo?.(host.instance);
}

/** All of them, or none. */
export async function openHosts(
  count: number,
  options: SessionOptions,
  workers: ReservedWorkers,
): Promise<readonly [ParserHost, ...ParserHost[]]> {
  const opened = await Promise.allSettled(Array.from({ length: count }, () => openHost(options, workers)));
  const failed = opened.find((result) => result.status === 'rejected');
  const hosts = opened.filter((result) => result.status === 'fulfilled').map(({ value }) => value);
  const [first, ...others] = hosts;
  if (failed === undefined && first !== undefined) return [first, ...others];
  await Promise.all(hosts.map((host) => host.close()));
  throw failed?.reason;
}

async function openHost(options: SessionOptions, workers: ReservedWorkers): Promise<ParserHost> {
  const host = await ParserHost.open({ ...options, pool: workers });
  try {
    const { config = {}, parallel } = options;
    if (parallel !== undefined) requireSplittable(host.plugin, host.info.configSchemas, config, parallel);
    await host.init(config);
    options.signal?.throwIfAborted();
    return host;
  } catch (error) {
    await host.close();
    throw error;
  }
}

/** What differs for lanes that each have an input of their own. */
export function laneOf<Plan extends Pick<RunRequest, 'source' | 'origin'>>(
  { lanes = [] }: OpenedInput,
  { source, origin }: Plan,
  lane: number,
): Pick<RunRequest, 'source' | 'origin'> {
  return lanes.length < 2 ? { source, origin } : { source: lanes[lane] ?? source, origin: { ...origin, number: lane } };
}
