/** The options of `ingest` that say which files are read, and how. */

import type { CompressionChoice } from '@chipmunk-host/manager';
import { COMPRESSION_CHOICES } from '@chipmunk-host/sources/internal';
import { type Command, Option } from 'commander';
import type { FilesArguments } from './ingest/ingest-arguments.js';
import { isStandardInput } from './ingest/input-names.js';

/** As they are given. */
export interface FilesCommandOptions {
  readonly concat?: boolean;
  readonly join?: boolean;
  readonly glob?: boolean;
  readonly pattern?: string;
  readonly oldestFirst?: boolean;
  readonly compression?: CompressionChoice;
}

export function addFilesOptions(command: Command): Command {
  return command
    .option('--concat', 'read all files as one input, one after the other; a message ends with its file')
    .option('--join', 'with --concat: a message may begin in one file and end in the next one')
    .option('--glob', "the files are patterns in quotes, such as 'logs/**/*.log.gz'")
    .option('--pattern <pattern>', "a file may be a directory: read those in it that match, such as '*.log'")
    .option('--oldest-first', 'read rotated files by the numbers and dates in their names: log.2.gz, log.1, log')
    .addOption(
      new Option('--compression <format>', "'none' reads compressed files as they are (default: auto)").choices(
        COMPRESSION_CHOICES,
      ),
    );
}

/** What is wrong with them. */
export function filesFault(
  files: readonly string[],
  { concat, join, glob, pattern }: FilesCommandOptions,
): string | undefined {
  if (join === true && concat !== true) return "'--join' needs '--concat'";
  const hasStandardInput = files.some(isStandardInput);
  if (hasStandardInput && concat === true) return "standard input, '-', cannot be read with '--concat'";
  if (hasStandardInput && (glob === true || pattern !== undefined))
    return "standard input, '-', is no file: leave '--glob' and '--pattern' out";
  return undefined;
}

export function filesArguments(options: FilesCommandOptions): FilesArguments {
  return {
    concat: options.concat ?? false,
    join: options.join ?? false,
    glob: options.glob ?? false,
    pattern: options.pattern,
    oldestFirst: options.oldestFirst ?? false,
    compression: options.compression,
  };
}
