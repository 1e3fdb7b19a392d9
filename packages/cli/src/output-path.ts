/** Keeps the output from replacing what is being read. */
import { stat } from 'node:fs/promises';
import { UsageError } from './command-error.js';

/** @throws UsageError when the output is one of the inputs, under whatever name. */
export async function requireDistinct(output: string, inputs: readonly string[]): Promise<void> {
  const target = await identity(output);
  if (target === undefined) return;
  for (const input of inputs) {
    if ((await identity(input)) === target)
      throw new UsageError(`'--output ${output}' would overwrite '${input}', which is read; name another file`);
  }
}

/** Device and number of a regular file; undefined when there is none. */
async function identity(path: string): Promise<string | undefined> {
  const status = await stat(path, { bigint: true }).catch(() => undefined);
  return status?.isFile() ? `${status.dev}:${status.ino}` : undefined;
}
