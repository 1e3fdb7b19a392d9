/** Names of inputs and outputs that are not paths of files. */

/** Standard input is never opened by its path: it may be a socket, and is to be read from where it stands. */
const STANDARD_INPUT: readonly string[] = ['-', '/dev/stdin', '/dev/fd/0', '/proc/self/fd/0'];

export function isStandardInput(file: string): boolean {
  return STANDARD_INPUT.includes(file);
}

const STANDARD_OUTPUT: readonly string[] = ['-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1'];

export function isStandardOutput(file: string): boolean {
  return STANDARD_OUTPUT.includes(file);
}
