// Puts the WIT files beside the compiled build command, so that the published package has them.
import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const from = fileURLToPath(new URL('../../../wit/v0.1.0/', import.meta.url));
const to = fileURLToPath(new URL('../dist/wit/v0.1.0', import.meta.url));
cpSync(from, to, { recursive: true });
