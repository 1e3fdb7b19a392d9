/** The names that are public, so that a review sees each that comes or goes: docs/versioning.md. To change them: `npx vitest run -u`. */
import { expect, test } from 'vitest';
import { publicNames } from '../../../scripts/public-names.mjs';

test('the package exports the names in public-names.txt, and no other', async () => {
  const names = publicNames(new URL('../dist/main/index.d.ts', import.meta.url));
  await expect(names).toMatchFileSnapshot('./public-names.txt');
});
