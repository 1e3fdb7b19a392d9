/** What a run asks of the manager for one input. */
import type {
  ConfigInput,
  IngestRequest,
  IngestSource,
  ParserUse,
  PluginKind,
  PluginsManager,
  SelectOptions,
} from '@chipmunk-host/manager';
import type { IngestArguments, LimitArguments } from './ingest-arguments.js';
import { callLimits } from './ingest-inputs.js';
import { logging } from './record-text.js';

/** Of a configuration, by id. */
export type Values = Readonly<Record<string, ConfigInput>>;

/** @param ring of the session; undefined: the default */
export function ingestRequest(
  args: IngestArguments,
  source: IngestSource,
  parser: ParserUse,
  select: SelectOptions,
  ring: IngestRequest['ring'],
): IngestRequest {
  const { cpuProfileDirectory, excerpts, limits, maxLatencyMs, parallel, quarantineDirectory, splitColumns, verbose } =
    args;
  return {
    source,
    parser,
    splitColumns,
    select,
    ...callLimits(limits),
    ...(parallel === undefined ? {} : { parallel }),
    ...(args.record === undefined ? {} : { record: args.record }),
    ...(maxLatencyMs === undefined ? {} : { maxLatencyMs }),
    ...(ring === undefined ? {} : { ring }),
    excerpts,
    recovery: recoveryOf(limits),
    ...(quarantineDirectory === undefined ? {} : { quarantineDirectory }),
    ...(cpuProfileDirectory === undefined ? {} : { cpuProfileDirectory }),
    ...(verbose ? logging('plugin') : {}),
  };
}

function recoveryOf({ maxRestarts, maxGaps }: LimitArguments): NonNullable<IngestRequest['recovery']> {
  return {
    ...(maxRestarts === undefined ? {} : { maxRestarts }),
    ...(maxGaps === undefined ? {} : { maxGapsInRow: maxGaps }),
  };
}

/** None when no profile was named. */
export async function profileValues(
  manager: PluginsManager,
  kind: PluginKind,
  plugin: string,
  profile: string | undefined,
): Promise<Values> {
  return profile === undefined ? {} : manager.profiles.get({ name: plugin, kind }, profile);
}
