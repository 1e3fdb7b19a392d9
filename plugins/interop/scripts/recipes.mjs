// What is built, and with what. A recipe says why it cannot be followed here (`missing`), which versions of tools its hash
// depends on (`versions`), and makes the component (`build`).
import { buildRust, rustIsMissing, rustVersions } from './rust.mjs';

const rust = (name, options) => ({
  name,
  missing: rustIsMissing,
  versions: rustVersions,
  build: () => buildRust({ crate: name, ...options }),
});

export const RECIPES = [
  rust('lines'),
  rust('records'),
  rust('file-source'),
  rust('selftest'),
  rust('selftest-source', { crate: 'selftest', features: ['source'] }),
];
