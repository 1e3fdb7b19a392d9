/** Opens all that a session consists of: its input, its workers and its parser, or none of them. */
import type { ReservedWorkers } from '@chipmunk-host/runtime/internal';
import type { RunRequest } from '../../shared/protocol/parser-messages.js';
import { defaultBatchRing } from '../../shared/protocol/session-defaults.js';
import { selects } from '../../shared/select/selection-plan.js';
import type { ParserHost } from '../host/parser-host.js';
import { type Split, splitSource } from '../input/file-split.js';
import type { OpenedInput } from '../input/opened-input.js';
import {
  findSource,
  forgetSource,
  lanesOf,
  type NamedSource,
  namedSource,
  openInput,
  sourceInfo,
  workersOf,
} from '../input/session-input.js';
import { sessionStart } from './checkpoint.js';
import { requireIngestOptions } from './ingest-option-table.js';
import { type IngestOptions, withDefaults } from './ingest-options.js';
import { SessionAccount } from './ingest-progress.js';
import { openQuarantine } from './quarantine-directory.js';
import { requireSelectable, sessionSelection } from './selection-request.js';
import { openHosts, type SessionOptions } from './session-lanes.js';

export type RunPlan = Pick<
  RunRequest,
  'source' | 'origin' | 'window' | 'recovery' | 'offset' | 'notice' | 'selection' | 'maxLatencyMs'
>;

export interface SessionParts {
  readonly hosts: readonly [ParserHost, ...ParserHost[]];
  readonly options: SessionOptions;
  readonly plan: RunPlan;
  readonly split: Split | undefined;
  readonly workers: ReservedWorkers;
  readonly input: OpenedInput;
  readonly account: SessionAccount;
  readonly source: NamedSource;
}

/** @throws what `IngestSession.open` throws */
export async function openSession(options: IngestOptions): Promise<SessionParts> {
  requireIngestOptions(options);
  options.signal?.throwIfAborted();
  const { signal } = options;
  const source = namedSource(options.source);
  const limits = withDefaults(options);
  const found = await findSource(source, signal);
  let workers: ReservedWorkers | undefined;
  let input: OpenedInput | undefined;
  let hosts: readonly ParserHost[] = [];
  try {
    const windowBytes = limits.window.bytes;
    const split = splitSource(found, options.parallel, windowBytes);
    const start = await sessionStart(options, source, found);
    const instances = split?.plans.length ?? lanesOf(source);
    requireSelectable(options.select, options.component, found, instances);
    const quarantine = await openQuarantine(options.quarantineDirectory);
    workers = await options.pool.reserve(workersOf(found) + instances - 1, options);
    const { hardMaxBytes } = limits.window;
    const { recovery } = limits;
    const { record } = options;
    const { resumption } = start;
    input = await openInput(found, { pool: workers, hardMaxBytes, recovery, signal, resumption, record });
    const account = new SessionAccount(quarantine?.account);
    const onParseErrors = account.addParseErrors.bind(account);
    const ring = options.ring ?? defaultBatchRing(windowBytes, selects(options.select), split?.slots);
    const hostOptions = { ...options, ring, ...quarantine?.request, onParseErrors };
    const opened = await openHosts(instances, hostOptions, workers);
    hosts = opened;
    const selection = await sessionSelection(options.select, opened[0].info);
    const { offset, notice } = start;
    const plan = { source: input.request, origin: sourceInfo(source), ...limits, offset, notice, selection };
    input.start();
    return { hosts: opened, options: hostOptions, plan, split, workers, input, account, source };
  } catch (error) {
    await Promise.all([input?.close() ?? forgetSource(found), ...hosts.map((host) => host.close())]);
    workers?.release();
    throw error;
  }
}
