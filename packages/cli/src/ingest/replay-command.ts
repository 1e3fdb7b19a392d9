/** `replay`: passes quarantined input to the plugin again and shows how it fails, with all details. */
import { PluginsManager, readQuarantine } from '@chipmunk-host/manager';
import { requireOtherThanStdout } from '../output/input-guard.js';
import { standardOutput } from '../output/standard-streams.js';
import { formatError, reportError } from '../terminal/error-report.js';
import { ExitCode } from '../terminal/exit-code.js';

export interface ReplayArguments {
  readonly file: string;
  readonly parser: string | undefined;
  readonly pluginsDirectory: string | undefined;
}

/** Exit code: 0 when the plugin does not fail any more, 1 when it does, or when it cannot be tried. */
export async function runReplay({ file, parser, pluginsDirectory }: ReplayArguments): Promise<ExitCode> {
  await requireOtherThanStdout(file);
  try {
    const quarantined = await readQuarantine(file);
    await using manager = await PluginsManager.open({
      createDirectory: true,
      load: 'lazy',
      ...(pluginsDirectory === undefined ? {} : { directory: pluginsDirectory }),
    });
    const { input, offset, error } = quarantined;
    standardOutput.print(`Input: ${input.length} bytes from byte ${offset} on, kept because of ${error.code}.\n`);
    const outcome = await manager.replay(quarantined, parser ?? quarantined.plugin);
    if (!outcome.samePlugin) standardOutput.print('This is not the binary that failed.\n');
    if (outcome.error === undefined) {
      standardOutput.print(`The plugin does not fail any more: ${outcome.items} items.\n`);
      return ExitCode.ok;
    }
    standardOutput.print('The plugin fails:\n');
    standardOutput.print(formatError(outcome.error, { verbose: true }));
    return ExitCode.failed;
  } catch (error) {
    reportError(error, { verbose: false, input: file });
    return ExitCode.failed;
  }
}
