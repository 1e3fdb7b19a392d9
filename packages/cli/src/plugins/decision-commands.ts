/** The commands that decide whether a plugin may run, without changing it: enable, disable, pin. */
import { UsageError } from '../terminal/command-error.js';
import type { ExitCode } from '../terminal/exit-code.js';
import { type ChangeOptions, change, told } from './change-commands.js';
import { exactly, selectorOf } from './manager-access.js';
import { pluginPhrase } from './plugin-words.js';

export async function runEnable(plugin: string, options: ChangeOptions): Promise<ExitCode> {
  return change(options, async (manager) => {
    const selector = exactly(manager.plugin(selectorOf(plugin, options)));
    await manager.enable(selector);
    const entry = manager.plugin(selector);
    return told(`Enabled the ${pluginPhrase(entry)}.`, entry);
  });
}

export async function runDisable(plugin: string, options: ChangeOptions): Promise<ExitCode> {
  return change(options, async (manager) => {
    const entry = manager.plugin(selectorOf(plugin, options));
    await manager.disable(exactly(entry));
    return told(
      `Disabled the ${pluginPhrase(entry)}: it does not run until it is enabled.`,
      manager.plugin(exactly(entry)),
    );
  });
}

export interface PinOptions extends ChangeOptions {
  /** Takes the pin off. */
  readonly remove?: boolean;
  /** Pins the binary that is there instead of the one that was. */
  readonly accept?: boolean;
}

export async function runPin(plugin: string, hash: string | undefined, options: PinOptions): Promise<ExitCode> {
  const { remove = false, accept = false } = options;
  if (Number(remove) + Number(accept) + Number(hash !== undefined) > 1)
    throw new UsageError("give only one of a hash, '--accept' and '--remove'");
  return change(options, async (manager) => {
    const selector = exactly(manager.plugin(selectorOf(plugin, options)));
    if (remove) await manager.unpin(selector);
    else if (accept) await manager.acceptPin(selector);
    else await manager.pin(selector, hash);
    const entry = manager.plugin(selector);
    const message =
      entry.pinned === undefined
        ? `The ${pluginPhrase(entry)} is no longer pinned.`
        : `The ${pluginPhrase(entry)} is pinned to ${entry.pinned}.`;
    return told(message, entry);
  });
}
