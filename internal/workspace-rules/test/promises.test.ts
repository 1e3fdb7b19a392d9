/** The table of promises that `npm run mutants` breaks, compared with the documents, the code and the tests that it names. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
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
