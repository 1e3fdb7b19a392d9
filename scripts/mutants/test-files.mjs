/** The packages whose code is changed, and how steps of their tests are named. */
export const BATCH = 'packages/batch';
export const HOSTS = 'packages/hosts';
export const MANAGER = 'packages/manager';
export const RUNTIME = 'packages/runtime';

/** Files below the package's `test`, without `.test.ts`. */
export function tests(member, ...names) {
  return { member, files: names.map((name) => `test/${name}.test.ts`) };
}
