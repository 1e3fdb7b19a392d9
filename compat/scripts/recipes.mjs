// What is built, and with what. A recipe says why it cannot be followed here (`missing`), which versions of tools its hash
// depends on (`versions`), makes the component (`build`), and says why no two builds are the same, where that is so (`varies`).
import { buildC, cIsMissing, cVersions } from './c.mjs';
import { buildJavascript, javascriptIsMissing, javascriptVersions } from './javascript.mjs';
import { buildRust, rustIsMissing, rustVersions } from './rust.mjs';

const rust = (name, options) => ({
  name,
  missing: rustIsMissing,
  versions: rustVersions,
  build: () => buildRust({ crate: name, ...options }),
});

/** Why two builds differ that were made with the same tools. */
const VARIES = 'componentize keeps the random name of its temporary directory in it';

export const RECIPES = [
  rust('lines'),
  rust('lines-borrowed'),
  rust('records'),
  rust('file-source'),
  rust('selftest'),
  rust('selftest-source', { crate: 'selftest', features: ['source'] }),
  { name: 'csv', missing: cIsMissing, versions: cVersions, build: () => buildC({ name: 'csv' }) },
  {
    name: 'json-lines',
    missing: javascriptIsMissing,
    versions: javascriptVersions,
    build: buildJavascript,
    varies: VARIES,
  },
];
