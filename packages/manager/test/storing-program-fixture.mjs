// Adds a plugin to a plugins directory and prints what came of it: ROOT SOURCE [USER]. With a USER it becomes that user first, so
// that rights count. The check is that the binary is there and whole.
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DirectoryFiles } from '#store/directory-files.js';
import { PluginStore } from '#store/plugin-store.js';

const [root, source, user] = process.argv.slice(2);
if (user !== undefined) {
  process.setgroups([]);
  process.setgid(Number(user));
  process.setuid(Number(user));
}
const store = new PluginStore(new DirectoryFiles(root), async (directory) => {
  await readFile(join(directory, `${basename(directory)}.wasm`));
  return { kind: 'parser' };
});
try {
  await store.add(source, { replace: true });
  console.log(JSON.stringify({ added: true }));
} catch ({ code, message, help, stack }) {
  console.log(JSON.stringify({ code, message, help, ...(code === undefined ? { stack } : {}) }));
}
