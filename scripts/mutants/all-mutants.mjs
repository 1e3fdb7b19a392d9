/** All mutants: checks that are removed, found mechanically, and a chosen change for each promise of the documents. */
import { basename } from 'node:path';
import { EQUIVALENT } from './equivalent.mjs';
import { guardGroups } from './guard-groups.mjs';
import { guardsOf } from './guards.mjs';
import { projectsOf } from './projects.mjs';
import { PROMISES } from './promises.mjs';

/**
 * @typedef {object} Mutant
 * @property {string} name
 * @property {string} file below the root
 * @property {string | undefined} project the folder of its TypeScript project; of AssemblyScript there is none
 * @property {(text: string) => string} change from the file's text to the mutant's
 * @property {readonly { member: string, files: readonly string[], named?: string }[]} tests steps: one of them has to fail
 * @property {string | undefined} equivalent why no test can notice it
 */

/** @returns {readonly Mutant[]} */
export function allMutants(root) {
  const groups = guardGroups(root);
  const guards = guardsOf(
    root,
    groups.flatMap(({ files }) => files),
  ).map(({ name, file, start, end, replacement }) => {
    const { tests } = groups.find(({ files }) => files.includes(file));
    return { name, file, tests, change: (text) => text.slice(0, start) + replacement + text.slice(end) };
  });
  const promises = PROMISES.map(({ page, words, file, search, replacement, tests }) => {
    const name = `${basename(page)}: ${words.replace(/\s+/g, ' ')}`;
    const change = (text) => {
      const parts = text.split(search);
      if (parts.length !== 2)
        throw new Error(`'${name}': ${parts.length - 1} places in ${file} have the text '${search}'; expected one`);
      return parts.join(replacement);
    };
    return { name, file, tests, change };
  });
  const all = [...guards, ...promises];
  requireNames(all);
  const projects = projectsOf(root, [...new Set(all.map(({ file }) => file))]);
  return all.map((mutant) => ({ ...mutant, project: projects.get(mutant.file), equivalent: EQUIVALENT[mutant.name] }));
}

function requireNames(all) {
  const names = all.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new Error(`two mutants have the name '${twice}'`);
  const gone = Object.keys(EQUIVALENT).filter((name) => !names.includes(name));
  if (gone.length > 0) throw new Error(`equivalent.mjs names what is no mutant: ${gone.join('; ')}`);
}
