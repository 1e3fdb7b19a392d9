/** The inputs of a run: files, standard input, or a byte-source plugin. */
import {
  configFromStrings,
  type DetectInput,
  type IngestRequest,
  type IngestSource,
  type ParserUse,
} from '@chipmunk-host/manager';
import type { IngestArguments, LimitArguments } from './ingest-arguments.js';
import { isStandardInput } from './input-names.js';
import { StandardInput } from './standard-input.js';

/** Of standard input, for the detection of its parser: what `detect` reads of a file. */
const HEAD_BYTES = 1024 * 1024;

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
  /** Its beginning, for the detection of its parser; undefined of a source. Of standard input it waits for the first bytes. */
  head?(signal: AbortSignal): Promise<DetectInput>;
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
  if (!isStandardInput(file))
    return { name: file, path: file, label: file, number, open: () => ({ file }), head: async () => ({ file }) };
  let input: StandardInput | undefined;
  const standardInput = () => {
    input ??= new StandardInput();
    return input;
  };
  return {
    name: 'standard input',
    path: undefined,
    label: file,
    number,
    open: () => ({ stream: standardInput(), name: file }),
    head: async (signal) => ({ bytes: await standardInput().head(HEAD_BYTES, signal) }),
  };
}
