// Changes files as another process: told one change at a time, it answers when it is made.
import { appendFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';

const changes = {
  rename: (path) => renameSync(path, `${path}.1`),
  replace: (path, text) => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  },
  truncate: (path, _text, size) => truncateSync(path, size),
  append: (path, text) => appendFileSync(path, text),
  rewrite: (path, text) => writeFileSync(path, text),
};

process.on('message', ({ kind, path, text, size }) => {
  try {
    changes[kind](path, text, size);
  } catch (error) {
    // Renamed away before.
    if (error.code !== 'ENOENT') throw error;
  }
  process.send('done');
});
