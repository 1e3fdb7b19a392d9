/** Names of inputs that are not paths of files. */

/** Standard input is never opened by its path: it may be a socket, and is to be read from where it stands. */
const STANDARD_INPUT: readonly string[] = ['-', '/dev/stdin', '/dev/fd/0', '/proc/self/fd/0'];

export function isStandardInput(file: string): boolean {
  return STANDARD_INPUT.includes(file);
}
