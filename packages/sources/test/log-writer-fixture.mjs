/**
 * A program that writes a log and has it rotated, in a process of its own. Each message is a list of steps, which it does one after the
 * other without a pause; it answers with what was in each of the log's files when it was done with it.
 */
import {
  closeSync,
  copyFileSync,
  existsSync,
  ftruncateSync,
  openSync,
  readdirSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

let path;
let descriptor;
let dated = false;
let days = 0;
/** The files that the log has had: their text, and what became of them. */
let files = [];

process.on('message', (steps) => {
  for (const step of steps) run(step);
  process.send({ files });
});

function run(step) {
  switch (step.kind) {
    // Begins with a log at another path.
    case 'open':
      if (descriptor !== undefined) closeSync(descriptor);
      path = step.path;
      dated = step.dated === true;
      files = [];
      return begin();
    case 'close':
      closeSync(descriptor);
      descriptor = undefined;
      return;
    case 'write':
      return write(step.text, step.pieceBytes ?? step.text.length);
    // Moved away, with more that is written to it before the program goes on to a new one.
    case 'rotate':
      move();
      if (step.createFirst) closeSync(openSync(path, 'a'));
      if (step.late) write(step.late, step.late.length);
      return next('rotated');
    case 'copy-truncate':
      shift();
      copyFileSync(path, rotatedName());
      ftruncateSync(descriptor);
      files.at(-1).end = 'copied';
      files.push({ text: '', end: 'last' });
      return;
    case 'truncate':
      ftruncateSync(descriptor);
      files.at(-1).end = 'cut';
      files.push({ text: '', end: 'last' });
      return;
    case 'delete':
      unlinkSync(path);
      return next('deleted');
    // The log is a link to the file `to`, where the program goes on.
    case 'switch':
      closeSync(descriptor);
      files.at(-1).end = 'rotated';
      descriptor = openSync(step.to, 'a');
      files.push({ text: '', end: 'last' });
      symlinkSync(step.to, `${path}.new-link`);
      renameSync(`${path}.new-link`, path);
      return;
    default:
      throw new Error(`no such step: ${step.kind}`);
  }
}

function begin() {
  descriptor = openSync(path, 'a');
  files.push({ text: '', end: 'last' });
}

function next(end) {
  closeSync(descriptor);
  files.at(-1).end = end;
  begin();
}

function write(text, pieceBytes) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at, Math.min(pieceBytes, bytes.length - at));
  files.at(-1).text += text;
}

function move() {
  shift();
  renameSync(path, rotatedName());
}

function rotatedName() {
  return dated ? `${path}-2026${String(1000 + days++)}` : `${path}.1`;
}

/** Makes place for the file with the number 1. */
function shift() {
  if (dated) return;
  const numbers = readdirSync(dirname(path))
    .filter((name) => name.startsWith(`${basename(path)}.`))
    .map((name) => Number(name.slice(basename(path).length + 1)))
    .sort((a, b) => b - a);
  for (const number of numbers) {
    const from = join(dirname(path), `${basename(path)}.${number}`);
    if (existsSync(from)) renameSync(from, `${path}.${number + 1}`);
  }
}
