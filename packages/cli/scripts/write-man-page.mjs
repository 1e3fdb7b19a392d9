/** Writes dist/chipmunk-host.1, which package.json names as the manual page. */
import { writeFileSync } from 'node:fs';
import { manPage } from '#man-page.js';
import { createProgram } from '#program.js';

writeFileSync(new URL('../dist/chipmunk-host.1', import.meta.url), manPage(createProgram(() => {})));
