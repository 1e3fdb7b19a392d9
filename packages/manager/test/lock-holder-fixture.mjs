// A process that uses the lock of a directory: `hold FOLDER` keeps it until it is killed; `count FOLDER FILE TIMES` adds one to
// the number in a file, so often, in two steps that only the lock keeps together.
import { readFile, writeFile } from 'node:fs/promises';
import { storeLock } from '#store/store-lock.js';

const [mode, folder, file, times] = process.argv.slice(2);
const lock = storeLock(folder);
if (mode === 'hold') {
  await lock.hold(async () => {
    console.log('held');
    await new Promise(() => setInterval(() => {}, 1e6));
  });
}
for (let n = 0; n < Number(times); n++) {
  await lock.hold(async () => {
    const sum = Number(await readFile(file, 'utf8'));
    await writeFile(file, String(sum + 1));
  });
}
