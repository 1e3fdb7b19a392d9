// Swaps what lies in a directory for links and FIFOs, and moves directories out of it and back, as fast as it can until it is killed.
import { execFileSync } from 'node:child_process';
import { renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

const [granted, outside] = process.argv.slice(2);
const inside = (name) => join(granted, name);
const fifo = join(outside, 'fifo');
execFileSync('mkfifo', [fifo]);

function swapForLink(name, target) {
  renameSync(inside(name), join(outside, 'away'));
  symlinkSync(target, inside(name));
  unlinkSync(inside(name));
  renameSync(join(outside, 'away'), inside(name));
}

for (let i = 0; ; i++) {
  swapForLink('directory', outside);
  swapForLink('directory', '../outside');
  swapForLink('directory/deep', outside);
  swapForLink('file', join(outside, 'file'));
  // Moved out while somebody is in it: `..` leads out then.
  renameSync(inside('directory/deep'), join(outside, 'deep'));
  renameSync(join(outside, 'deep'), inside('directory/deep'));
  renameSync(inside('file'), join(outside, 'away'));
  renameSync(fifo, inside('file'));
  renameSync(inside('file'), fifo);
  renameSync(join(outside, 'away'), inside('file'));
  if (i === 0) console.log('swapping');
}
