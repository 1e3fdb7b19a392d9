// Makes the component: node componentize.mjs WIT OUT, where WIT is a file with the world `plugin`. Also says its own version.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { componentize } from '@bytecodealliance/componentize-js';

const [wit, out] = process.argv.slice(2);
const source = readFileSync(join(import.meta.dirname, 'json-lines.js'), 'utf8');
const { component } = await componentize(source, {
  witWorld: readFileSync(wit, 'utf8'),
  worldName: 'plugin',
  sourceName: 'json-lines.js',
});
writeFileSync(out, component);
