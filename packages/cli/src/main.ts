/** Entry of `chipmunk-host` (bin/chipmunk-host.js). Only what every call needs is loaded here. */
import { CommanderError } from 'commander';
import { UsageError } from './command-error.js';
import { ExitCode } from './exit-code.js';
import { Cancelled } from './plugins/cancelled.js';
import { createProgram } from './program.js';

// A reader that goes away early is no error; whoever writes notices it by itself.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

// The exit code is set, not forced: the process ends when all output is written and everything is closed.
process.exitCode = await run(process.argv);

async function run(argv: readonly string[]): Promise<number> {
  let exitCode: number = ExitCode.ok;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv);
    return exitCode;
  } catch (error) {
    // Commander has printed what is wrong by now; help and version that were asked for come this way, too.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
    if (error instanceof UsageError) {
      process.stderr.write(`error: ${error.message}\n`);
      return ExitCode.usage;
    }
    if (error instanceof Cancelled) {
      process.stderr.write(`${error.message}\n`);
      return error.reason === 'interrupted' ? ExitCode.interrupted : ExitCode.failed;
    }
    const { reportError } = await import('./error-report.js');
    reportError(error, { verbose: argv.includes('--verbose') });
    return ExitCode.failed;
  }
}
