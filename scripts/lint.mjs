// All that `npm run lint` checks: Biome's rules and format, then the order of rooms. Arguments go to Biome.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const scripts = dirname(fileURLToPath(import.meta.url));
const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');

const programs = [[biome, 'check', '.', ...process.argv.slice(2)], [join(scripts, 'room-order.mjs')]];
for (const args of programs) {
  const { status, error } = spawnSync(process.execPath, args, { cwd: dirname(scripts), stdio: 'inherit' });
  if (error) throw error;
  // Both say what they find.
  if (status !== 0) process.exitCode = status ?? 1;
}
