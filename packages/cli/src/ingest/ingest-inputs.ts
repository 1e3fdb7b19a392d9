/** The inputs of a run: files, standard input, or a byte-source plugin. */
import { configFromStrings, type IngestRequest, type IngestSource, type ParserUse } from '@chipmunk-host/manager';
import type { IngestArguments, LimitArguments } from './ingest-arguments.js';
import { isStandardInput } from './input-names.js';
import { StandardInput } from './standard-input.js';

export interface IngestInput {
  /** What messages call it. */
  readonly name: string;
  /** Path of a file, as it was given; undefined of standard input and of a source. */
  readonly path: string | undefined;
  /** What items say that they come from: the FILE as it was given, or the source's plugin. */
  readonly label: string;
  /** Its place among the inputs, from 0. */
  readonly number: number;
  /** For one session. */
  open(): IngestSource;
}

export function inputsOf({
  files,
  source,
  sourceConfig,
  sourceProfile,
  follow,
  limits,
  cpuProfileDirectory,
}: IngestArguments): readonly IngestInput[] {
  if (source === undefined) return files.map(fileInput);
  const use = {
    plugin: source,
    ...(sourceProfile === undefined ? {} : { profile: sourceProfile }),
    config: (schemas: Parameters<typeof configFromStrings>[0]) => configFromStrings(schemas, sourceConfig),
    ...pluginLimits(limits),
    ...callLimits(limits),
    ...(cpuProfileDirectory === undefined ? {} : { cpuProfileDirectory }),
    ...(follow ? { follow: { maxEmptyReads: Number.POSITIVE_INFINITY } } : {}),
  };
  return [{ name: `source ${source}`, path: undefined, label: source, number: 0, open: () => use }];
}

/** Limits of compiling. */
export function pluginLimits({ memoryBytes }: LimitArguments): Pick<ParserUse, 'memoryBytes'> {
  return memoryBytes === undefined ? {} : { memoryBytes };
}

/** Limits and grants of a plugin that runs. */
export function callLimits({ deadlineMs, environment }: LimitArguments): Pick<IngestRequest, 'deadlineMs' | 'grants'> {
  return {
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(environment === undefined ? {} : { grants: { environment } }),
  };
}

function fileInput(file: string, number: number): IngestInput {
  if (isStandardInput(file))
    return {
      name: 'standard input',
      path: undefined,
      label: file,
      number,
      open: () => ({ stream: new StandardInput(), name: file }),
    };
  return { name: file, path: file, label: file, number, open: () => ({ file }) };
}
