/** Runs the command on a real terminal, which util-linux `script` makes. */
import { spawn, spawnSync } from 'node:child_process';
import { outcome, PROGRAM, type Stage } from './support.js';

/** Why tests on a terminal have to be skipped here; undefined when they need not be. */
export function whyNoTerminal(): string | undefined {
  const { error, stdout } = spawnSync('script', ['--version'], { encoding: 'utf8' });
  return stdout?.includes('util-linux') ? undefined : `there is no util-linux script: ${error?.message ?? stdout}`;
}

/** @returns all that the terminal was sent, and the exit code */
export async function runOnTerminal(
  stage: Stage,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ readonly shown: string; readonly code: number | null }> {
  const command = [process.execPath, PROGRAM, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: stage.directory,
    // Node.js takes the terminals of continuous integration for ones without colours.
    env: { ...stage.env, CI: undefined, TERM: 'xterm', NO_COLOR: '1', SHELL: '/bin/sh', ...env },
    // At the end of its own input script may end before the command has written everything.
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const { stdout, code } = await outcome(child);
  return { shown: stdout.toString(), code };
}
