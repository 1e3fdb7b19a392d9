/** A change of the code for each promise of docs/security.md and docs/plugin-contract.md, which breaks it, and the tests that are to notice. */
export const PROMISES = [];
