/** The names that are public, so that a review sees each that comes or goes: docs/versioning.md. To change them: `npx vitest run -u`. */
import { expect, test } from 'vitest';
import { publicNames } from '../../../scripts/public-names.mjs';

test('the package exports the names in public-names.txt, and no other', async () => {
  const names = ['index', 'portable/index'].map((entry) => {
    const file = new URL(`../dist/${entry}.d.ts`, import.meta.url);
    return `# ${entry}\n${publicNames(file)}`;
  });
  await expect(names.join('\n')).toMatchFileSnapshot('./public-names.txt');
});
