/** Entry of `chipmunk-host` (bin/chipmunk-host.js starts the bundle of it). Only what every call needs is loaded here. */
import { CommanderError } from 'commander';
import { standardError, standardOutput } from './output/standard-streams.js';
import { Cancelled } from './plugins/cancelled.js';
import { createProgram } from './program.js';
import { UsageError } from './terminal/command-error.js';
import { ExitCode } from './terminal/exit-code.js';
import { withOwnValues } from './terminal/option-values.js';

// Prompts and progress bars write to the terminal themselves; one that is gone must not end the process in the middle of its work.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

// The exit code is set, not forced: the process ends when everything is closed.
process.exitCode = await conclude(await run(process.argv));

async function run(argv: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.ok;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(withOwnValues(argv));
    return exitCode;
  } catch (error) {
    // Commander has printed what is wrong by now; help and version that were asked for come this way, too.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
    if (error instanceof UsageError) {
      standardError.print('error', 'error');
      standardError.print(`: ${error.message}\n`);
      return ExitCode.usage;
    }
    if (error instanceof Cancelled) {
      standardError.print(`${error.message}\n`);
      return error.reason === 'interrupted' ? ExitCode.interrupted : ExitCode.failed;
    }
    await report(error);
    return ExitCode.failed;
  }
}

/** Waits for all that was printed. What could not be written is a failure, whatever else was done. */
async function conclude(exitCode: ExitCode): Promise<ExitCode> {
  const lost = await standardOutput.flush();
  if (lost !== undefined) await report(lost);
  const unwritten = await standardError.flush();
  return (lost ?? unwritten) !== undefined && exitCode === ExitCode.ok ? ExitCode.failed : exitCode;
}

async function report(error: unknown): Promise<void> {
  const { reportError } = await import('./terminal/error-report.js');
  reportError(error, { verbose: process.argv.includes('--verbose') });
}
