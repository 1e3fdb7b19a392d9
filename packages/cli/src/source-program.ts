/** The options of `ingest` for sources that are named by URLs, and for their records. */
import type { RecordOptions } from '@chipmunk-host/manager';
import type { SourceArguments } from './ingest/ingest-arguments.js';

export interface SourceCommandOptions {
  readonly shell?: boolean;
  readonly withStderr?: boolean;
  readonly record?: string;
  readonly recordSize?: number;
  readonly recordFiles?: number;
}

export function recordOf({ record, recordSize, recordFiles }: SourceCommandOptions): RecordOptions | undefined {
  if (record === undefined) return undefined;
  return {
    file: record,
    ...(recordSize === undefined ? {} : { maxBytes: recordSize }),
    ...(recordFiles === undefined ? {} : { maxFiles: recordFiles }),
  };
}

/** Why there is nothing to record, or no record. */
export function recordFault(
  files: readonly string[],
  { record, recordSize, recordFiles }: SourceCommandOptions,
): string | undefined {
  const limit = recordSize !== undefined ? '--record-size' : recordFiles !== undefined ? '--record-files' : undefined;
  if (record === undefined)
    return limit === undefined ? undefined : `'${limit}' needs a record; name one with '--record'`;
  return files.length === 1 ? undefined : "'--record' works with one input at a time";
}

export function sourceArguments({ shell = false, withStderr = false }: SourceCommandOptions): SourceArguments {
  return { shell, withStderr };
}
