/** The tables of `npm run mutants`, compared with the documents, the code and the tests that they name. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { guardGroups } from '../../../scripts/mutants/guard-groups.mjs';
import { PROMISES } from '../../../scripts/mutants/promises.mjs';

const ROOT = new URL('../../../', import.meta.url);
const textOf = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');
const plain = (text: string) => text.replace(/\s+/g, ' ');

test.each(PROMISES.map((promise) => [promise.words, promise] as const))(
  '%s',
  (_, { page, words, file, search, tests }) => {
    expect(plain(textOf(page)).includes(plain(words)), `${page} says so`).toBe(true);
    expect(textOf(file).split(search).length - 1, `places in ${file} that are '${search}'`).toBe(1);
    const files = tests.flatMap((step) => step.files.map((name) => `${step.member}/${name}`));
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((name) => !existsSync(new URL(name, ROOT)))).toEqual([]);
  },
);

test('guards are looked for in files that are there, and are tested by files that are there', () => {
  for (const { files, tests } of guardGroups(fileURLToPath(ROOT))) {
    const named = [...files, ...tests.flatMap((step) => step.files.map((name) => `${step.member}/${name}`))];
    expect(named.filter((name) => !existsSync(new URL(name, ROOT)))).toEqual([]);
  }
});
