/** Runs commands in the process of the test: for many runs that need no process of their own. What they print goes to its own stderr. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createProgram } from '#program.js';

/** @param directory where its plugins are installed, in a folder of its own. @returns the exit code */
export async function ingestHere(directory: string, ...args: readonly string[]): Promise<number> {
  let exitCode: number | undefined;
  const program = createProgram((code) => {
    exitCode = code;
  });
  const plugins = join(directory, 'plugins');
  await mkdir(plugins, { recursive: true });
  const own = ['--plugins-dir', plugins, '--quiet'];
  await program.parseAsync(['node', 'chipmunk-host', 'ingest', ...args, ...own]);
  if (exitCode === undefined) throw new Error('the command has not said how it ended');
  return exitCode;
}
