/**
 * Mutants that no test can notice, since the program does the same without that line. Each has its reason. `npm run mutants` does
 * not run them, and fails when one of these names is no mutant any more.
 */
export const EQUIVALENT = {
  'batch-layout.ts: cursor.position !== start + BATCH_HEADER_BYTES || BatchHeader.version !== 3':
    'what stands before it reads 47 bytes or throws, whatever the bytes are: it compares two constants of the code',
};
