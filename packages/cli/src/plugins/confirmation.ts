/** Asks before something is deleted, if there is a terminal. */
import type { Readable, Writable } from 'node:stream';
import { Cancelled } from './cancelled.js';

export interface Terminal {
  readonly input: Readable;
  /** Not stdout: that may be on its way into a file or another program. */
  readonly output: Writable;
}

/** Undefined when nobody sits there: a script, a pipe, a build. */
export function terminal(): Terminal | undefined {
  const { stdin, stderr } = process;
  return stdin.isTTY && stderr.isTTY ? { input: stdin, output: stderr } : undefined;
}

/**
 * Returns when it may be done: after a yes, after `--yes`, or when nobody can be asked.
 * @throws Cancelled after a no
 */
export async function confirmed(question: string, { yes }: { readonly yes?: boolean }, at = terminal()): Promise<void> {
  if (yes || at === undefined) return;
  const { confirm, isCancel } = await import('@clack/prompts');
  const answer = await confirm({ message: question, initialValue: false, ...at });
  if (isCancel(answer)) throw new Cancelled('interrupted');
  if (!answer) throw new Cancelled('declined');
}
