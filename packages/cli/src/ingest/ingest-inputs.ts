/** The inputs of a run: files, standard input, or a byte-source plugin. */
import {
  configFromStrings,
  type DetectInput,
  type FollowFileOptions,
  type IngestRequest,
  type IngestSource,
  type ParserUse,
} from '@chipmunk-host/manager';
import type { FilesArguments, IngestArguments, LimitArguments } from './ingest-arguments.js';
import { isStandardInput } from './input-names.js';
import { namedSource } from './input-sources.js';
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

export function inputsOf(args: IngestArguments): readonly IngestInput[] {
  const {
    files,
    filesAs,
    source,
    sourceConfig,
    sourceProfile,
    follow,
    followFrom,
    followIdleMs,
    limits,
    cpuProfileDirectory,
  } = args;
  const followed = follow
    ? { start: followFrom ?? 'beginning', ...(followIdleMs === undefined ? {} : { idleMs: followIdleMs }) }
    : undefined;
  if (source === undefined)
    return filesAs.concat
      ? [concatenated(files, filesAs)]
      : files.map((file, number) => namedInput(file, number, args, followed));
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

/**
 * The files that are meant: those that match patterns, or lie in directories.
 * @throws HostError `ERR_SOURCE_OPEN` when nothing matches
 */
export async function meantFiles({ files, filesAs, source }: IngestArguments): Promise<readonly string[]> {
  const { glob, pattern, oldestFirst } = filesAs;
  if (source !== undefined || !(glob || pattern !== undefined || oldestFirst)) return files;
  const { expandFiles } = await import('@chipmunk-host/sources/internal');
  return expandFiles({ files, glob, pattern, order: oldestFirst ? 'oldest-first' : 'given' });
}

function concatenated(files: readonly string[], { join, compression }: FilesArguments): IngestInput {
  const [first = ''] = files;
  const name = files.length > 1 ? `${first} and ${files.length - 1} more` : first;
  const open = () => ({ files, join, ...(compression === undefined ? {} : { compression }) });
  return { name, path: undefined, label: name, number: 0, open, head: async () => ({ file: first }) };
}

function namedInput(file: string, number: number, args: IngestArguments, followed: Followed | undefined): IngestInput {
  const source = namedSource(file, args);
  if (source === undefined) return fileInput(file, number, args.filesAs, followed);
  return { name: file, path: undefined, label: file, number, open: () => source };
}

type Followed = Omit<FollowFileOptions, 'file'>;

/** @param followed how files are followed. Undefined: they are read to their ends */
function fileInput(
  file: string,
  number: number,
  { compression }: FilesArguments,
  followed: Followed | undefined,
): IngestInput {
  const how = compression === undefined ? {} : { compression };
  const source = followed === undefined ? { file, ...how } : { follow: { file, ...followed } };
  if (!isStandardInput(file))
    return {
      name: file,
      path: file,
      label: file,
      number,
      open: () => source,
      head: async () => ({ file }),
    };
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
    open: () => ({ stream: standardInput(), name: file, ...how }),
    head: async (signal) => ({ bytes: await standardInput().head(HEAD_BYTES, signal) }),
  };
}
