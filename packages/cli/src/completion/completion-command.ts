/** `completion SHELL` prints the script of a shell; `__complete` answers what that script asks at each press of the key. */
import type { Command } from 'commander';
import { standardOutput } from '../output/standard-streams.js';
import { ExitCode } from '../terminal/exit-code.js';
import { oneLine } from '../terminal/terminal-text.js';
import { completionsOf, type NameSource } from './completions.js';
import { SCRIPTS, type ShellName } from './shell-scripts.js';

export function runCompletion(shell: ShellName): ExitCode {
  standardOutput.print(SCRIPTS[shell]);
  return ExitCode.ok;
}

/** Prints a line for each candidate, `word<tab>description`; a line `:files` or `:directories` asks for paths as well. */
export async function runComplete(program: Command, words: readonly string[]): Promise<ExitCode> {
  const { candidates, paths } = await completionsOf(program, words, NAMES);
  for (const { word, description } of candidates)
    standardOutput.print(`${oneLine(word)}\t${oneLine(description).replaceAll('\t', ' ')}\n`);
  if (paths !== undefined) standardOutput.print(`:${paths}\n`);
  return ExitCode.ok;
}

/** Loaded only where a name is wanted: everything else is to answer at once. */
const NAMES: NameSource = {
  plugins: async (given) => (await import('./installed-names.js')).INSTALLED_NAMES.plugins(given),
  sources: async () => (await import('./installed-names.js')).INSTALLED_NAMES.sources(),
  profiles: async (given) => (await import('./installed-names.js')).INSTALLED_NAMES.profiles(given),
};
