/** What each option of a session may be. The manager makes the table of its requests of these. */
import {
  type OptionTable,
  type OptionType,
  option,
  RING_SHAPE,
  requireOptions,
} from '@chipmunk-host/runtime/internal/options';
import { BUILT_IN_SOURCES, compressionChoice, RECORD } from '@chipmunk-host/sources/internal';
import { LOG_LEVELS } from '../../shared/config/config-schema.js';
import { BOUNDARIES, PATTERN_EXPECTED, PATTERN_FORM } from '../../shared/protocol/split-plan.js';
import type { Denials } from '../grants/denials.js';
import type { GrantOptions } from '../grants/plugin-config.js';
import type { ParallelOptions } from '../input/file-split.js';
import { BLOB_SOURCE, BYTES_SOURCE, HANDLE_SOURCE } from '../input/memory-sources.js';
import type { PluginSourceOptions } from '../input/plugin-input.js';
import type { FileSource, StreamInput } from '../input/session-input.js';
import * as limits from '../options/limit-tables.js';
import type { IngestOptions } from './ingest-options.js';
import { SELECT } from './selection-request.js';

const paths = option.listOf(option.path, 'a list of paths');
const names = option.listOf(option.name, 'a list of names');

const DENIALS: OptionTable<Denials> = {
  paths: option.either(paths, option.only(true)),
  temporaryDirectory: option.flag,
  environment: option.either(names, option.only(true)),
};

export const denials = option.options(DENIALS);

const GRANTS: OptionTable<GrantOptions> = {
  parents: option.flag,
  deny: denials,
  environment: option.recordOf(option.text, 'an object of texts by name'),
  clock: option.options({ unixMs: option.required(option.finiteNumber), stepNs: option.atLeast(0) }),
  randomSeed: option.finiteNumber,
};

const PATTERN: OptionType = {
  expected: PATTERN_EXPECTED,
  accepts: (value) => typeof value === 'string' && PATTERN_FORM.test(value),
};

const PARALLEL: OptionTable<ParallelOptions> = {
  instances: option.required(option.whole(1)),
  boundary: option.required(option.oneOf(BOUNDARIES)),
  patterns: option.listOf(PATTERN, `a list of ${PATTERN.expected}`),
  onlyWith: option.object,
  splitBytes: option.whole(1),
};

/** Values by id, which are checked against the plugin's schemas later, or a function that makes them. */
export const configSource = option.either(option.object, option.callback);

/** Some of what a plugin of either kind says of itself. */
const SAID = ['version', 'configSchemas'];

/** What a plugin of either kind has beside its component. */
const PLUGIN = {
  plugin: option.name,
  logLevel: option.oneOf(LOG_LEVELS),
  logLimits: limits.logLimits,
  onLog: option.callback,
  ring: option.options(RING_SHAPE),
  bindingsOnly: option.flag,
  deadlineMs: option.timeLimit,
  cpuProfileDirectory: option.path,
  grants: option.options(GRANTS),
  config: configSource,
};

/** What the session has, however its plugins are named. */
export const SESSION_OPTIONS: OptionTable<Omit<IngestOptions, 'component' | 'pool' | 'source' | 'parallel'>> = {
  ...PLUGIN,
  onWaiting: option.callback,
  waitMs: option.amount,
  signal: option.signal,
  outputBytes: limits.outputBytes,
  recycleBytes: limits.recycleBytes,
  splitColumns: option.flag,
  excerpts: option.flag,
  quarantineDirectory: option.path,
  window: limits.sizesOfWindow,
  recovery: limits.recovery,
  select: option.options(SELECT),
  // Looked into as what was kept, which may be damaged.
  from: option.object,
  startOver: option.flag,
  maxLatencyMs: option.delay,
  record: option.options(RECORD),
  onProgress: option.callback,
  info: option.instance('what the parser said of itself, as the `info` of a session', ...SAID, 'renderOptions'),
};

/** What a source that is a plugin has beside its component. */
export const PLUGIN_SOURCE_OPTIONS: OptionTable<Omit<PluginSourceOptions, 'component'>> = {
  ...PLUGIN,
  recovery: limits.sourceRecovery,
  follow: limits.follow,
  info: option.instance('what the byte-source said of itself, as the `info` of its host', ...SAID),
};

export const FILE_SOURCE: OptionTable<FileSource> = { file: option.fileOrUrl, compression: compressionChoice };
export const STREAM_SOURCE: OptionTable<StreamInput> = {
  stream: option.byteStream,
  name: option.text,
  compression: compressionChoice,
};
/** Sources that need no plugin, by the option that tells them. */
export const PLAIN_SOURCES = {
  file: FILE_SOURCE,
  stream: STREAM_SOURCE,
  bytes: BYTES_SOURCE,
  blob: BLOB_SOURCE,
  handle: HANDLE_SOURCE,
  ...BUILT_IN_SOURCES,
};

const component = option.instance('a compiled component, as `compile` makes it', 'hash', 'imports', 'exports');

const OPTIONS: OptionTable<IngestOptions> = {
  ...SESSION_OPTIONS,
  component: option.required(component),
  pool: option.required(option.instance('a pool, as `createParserPool` makes it', 'reserve', 'start')),
  source: option.required(
    option.shapes(
      { ...PLAIN_SOURCES, component: { ...PLUGIN_SOURCE_OPTIONS, component } },
      "Name a file like this: `source: { file: 'trace.log' }`.",
    ),
  ),
  parallel: option.options(PARALLEL),
};

/** @throws HostError `ERR_INVALID_OPTION` naming the option, its value and what is allowed */
export function requireIngestOptions(options: IngestOptions): void {
  requireOptions('The options of the session', options, OPTIONS);
}
