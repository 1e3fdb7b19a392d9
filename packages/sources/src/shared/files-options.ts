/** Files as the input of a session: what can be said of them. */
import { type OptionTable, option } from '@chipmunk-host/runtime/internal/options';
import { COMPRESSIONS, type Compression } from './compression.js';

/** Whether a file is decompressed: `auto` looks at its first bytes, `none` never does, a name expects that compression. */
export type CompressionChoice = 'auto' | 'none' | Compression;

/** Several files, one after the other, as one input. Positions count through all of them. */
export interface FilesSource {
  /**
   * Paths or file: URLs. With `glob`, texts are patterns. With `pattern`, some may be directories. Each is opened before anything is read,
   * and is as long as it was then; FIFOs and devices are read to their end.
   */
  readonly files: readonly (string | URL)[];
  /** Whether texts are patterns, such as `logs/*.log`: files that match one come in the order of their names. Default: false. */
  readonly glob?: boolean | undefined;
  /** Which files of the directories among `files` are read, such as `*.log`. Default: none, a directory is refused. */
  readonly pattern?: string | undefined;
  /**
   * `given`: as they are named. `oldest-first`: those that a log was rotated to before the log, by the numbers and dates in their names
   * (`log.2.gz`, `log.1`, `log`). Default: `given`.
   */
  readonly order?: FilesOrder | undefined;
  /** Whether a message may begin in one file and end in the next one. Default: false, the end of each file is an end for the parser. */
  readonly join?: boolean | undefined;
  /** Default: `auto`. */
  readonly compression?: CompressionChoice | undefined;
}

export const FILES_ORDERS = ['given', 'oldest-first'] as const;
/** In which order files are read. */
export type FilesOrder = (typeof FILES_ORDERS)[number];

/** What `compression` may be. */
export const COMPRESSION_CHOICES: readonly CompressionChoice[] = ['auto', 'none', ...COMPRESSIONS];

export const compressionChoice = option.oneOf(COMPRESSION_CHOICES);

export const FILES_SOURCE: OptionTable<FilesSource> = {
  files: option.required(option.listOf(option.fileOrUrl, 'a list of paths')),
  glob: option.flag,
  pattern: option.name,
  order: option.oneOf(FILES_ORDERS),
  join: option.flag,
  compression: compressionChoice,
};

/** What the source's worker is told. */
export interface FilesRequest extends Omit<FilesSource, 'files'> {
  readonly files: readonly string[];
  /** In place of paths: what the main thread has opened. */
  readonly opened?: HandedDescriptor | undefined;
}

/** A file that the main thread has opened. */
export interface HandedDescriptor {
  readonly path: string;
  readonly descriptor: number;
  /** Whether the main thread closes it. A FIFO or a terminal is closed by the stream that the worker makes of it. */
  readonly isKept: boolean;
}

export const FILES_REQUEST: OptionTable<FilesRequest> = { ...FILES_SOURCE, opened: option.object };

export function filesRequest({ files, ...options }: FilesSource): FilesRequest {
  return { ...options, files: files.map(option.pathOf) };
}

/** What messages and batches call them as a whole. */
export function filesName({ files, opened }: FilesRequest): string {
  const [first = opened?.path ?? '', ...others] = files;
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}
