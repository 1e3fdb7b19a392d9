// `npm run demo [FILE]`, once everything is built (scripts/workspace.mjs). What it does is in packages/cli/src/demo.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runDemo } from '../packages/cli/dist/demo/demo.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [file, ...more] = process.argv.slice(2);
if (more.length > 0 || file?.startsWith('-')) {
  console.error('Usage: npm run demo [FILE]');
  process.exitCode = 2;
} else {
  process.exitCode = await runDemo({ file, directory: join(root, '.demo') });
}
