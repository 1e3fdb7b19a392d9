/** Writes dist/chipmunk-host.1, which package.json names as the manual page. */
import { writeFileSync } from 'node:fs';
import { manPage } from '../dist/man-page.js';
import { createProgram } from '../dist/program.js';

writeFileSync(new URL('../dist/chipmunk-host.1', import.meta.url), manPage(createProgram(() => {})));
