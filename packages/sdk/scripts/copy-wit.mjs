// Puts the WIT files beside the compiled build command, so that the published package has them.
import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

for (const folder of ['v0.1.0', 'rows/v0.1.0']) {
  const from = fileURLToPath(new URL(`../../../wit/${folder}/`, import.meta.url));
  const to = fileURLToPath(new URL(`../dist/wit/${folder}`, import.meta.url));
  cpSync(from, to, { recursive: true });
}
