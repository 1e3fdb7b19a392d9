/** What a source that runs a command is told. */
import { type OptionTable, option } from '@chipmunk-host/runtime/internal/options';

/** A command whose output is read. */
export interface ProcessOptions {
  /**
   * The command line: its words, or a text that is split into words as a POSIX shell does with quotes and backslashes. Nothing is expanded:
   * no variables, no patterns, no pipes, unless `shell` is true.
   */
  readonly command: string | readonly string[];
  /** Whether a shell runs the command, which is a text then: `/bin/sh`, or `cmd.exe` on Windows. Default false. */
  readonly shell?: boolean | undefined;
  /**
   * What is read: its standard output, or its error output, too, in the order in which they arrive. Lines of the two do not get mixed up:
   * what has no line feed yet waits for it, up to 64 KiB. Default `stdout`: the error output is that of this process.
   */
  readonly output?: 'stdout' | 'both' | undefined;
  /** The folder that it runs in. Default: that of this process. */
  readonly directory?: string | undefined;
  /** Its environment variables, all of them. Default: those of this process. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

export const PROCESS: OptionTable<ProcessOptions> = {
  command: option.required(option.either(option.name, option.listOf(option.text, 'a list of words'))),
  shell: option.flag,
  output: option.oneOf(['stdout', 'both']),
  directory: option.path,
  environment: option.recordOf(option.text, 'an object of texts by name'),
};
