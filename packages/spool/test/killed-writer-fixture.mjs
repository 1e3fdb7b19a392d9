// A process that appends the elements of a file to a spool, over and over, and says of each that it is appended: until it is killed.
import { readFile } from 'node:fs/promises';
import { readStream } from '@chipmunk-host/batch';
import { Spool } from '#index.js';

const [directory, elements, options] = process.argv.slice(2);
const all = [...readStream(await readFile(elements))].map(({ bytes }) => bytes);
const writer = await Spool.create(directory, JSON.parse(options));
process.stdout.write(`open ${writer.nextFrame}\n`);
for (let frame = writer.nextFrame; ; frame++) {
  await writer.append(all[frame % all.length]);
  process.stdout.write(`appended ${frame + 1}\n`);
}
