/**
 * Mutants that no test can notice, since the program does the same without that line. Each has its reason. `npm run mutants` does
 * not run them, and fails when one of these names is no mutant any more.
 */
export const EQUIVALENT = {
  'path-operations.ts: !requireFound(place).isSymbolicLink()':
    'the machine refuses to read the target of what is no link with the same code',
  "path-operations.ts: target === ''": 'the machine refuses to make a link to nothing with the same code',
  'path-operations.ts: !requireFound(place).isDirectory()':
    'the machine refuses to remove a file as a directory with the same code',
  "path-operations.ts: place.name === '.'": 'the machine refuses to remove a directory by this name with the same code',
  'path-operations.ts: found.isDirectory()':
    'Linux refuses to unlink a directory with the same code; other systems have another',
  "path-resolution.ts: target === ''":
    'no link has an empty target; the check is for file systems that would allow one',
  "host-directory.ts: process.platform === 'win32' && name !== '.' && NOT_A_WINDOWS_NAME.test(name)":
    'it is for Windows alone',
  'msgpack-value.ts: values > this.#bytes.length - this.position':
    'reading ends with the same error at the first value that is not there; this says so before',
  'write.ts: !fits(bytes) || bytes < 96':
    'it ends a string of which next96 had the beginning, with the same length and the same check',
  'two-module-lifter.ts: fits === 0':
    'the module that writes has no table with room then, so it refuses the first row or string just so',
};
