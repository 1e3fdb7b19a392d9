/**
 * A change for each promise of docs/security.md and docs/plugin-contract.md, which breaks it. `words` are the page's own: a test
 * (internal/workspace-rules) sees that they stand there, and that `search` stands in the file once.
 */
import { CONTRACT_PROMISES } from './contract-promises.mjs';
import { SECURITY_PROMISES } from './security-promises.mjs';

/** @type {readonly { page: string, words: string, file: string, search: string, replacement: string, tests: readonly object[] }[]} */
export const PROMISES = [
  ...SECURITY_PROMISES.map((promise) => ({ page: 'docs/security.md', ...promise })),
  ...CONTRACT_PROMISES.map((promise) => ({ page: 'docs/plugin-contract.md', ...promise })),
];
