/** Results of a run that are kept: a file of lines, and beside it a folder of the outputs that the lines are hashes of. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

const SHOWN_CHARACTERS = 400;

export class KeptResults {
  #outputs;
  #lines;

  /** @param {string} file as `write` made it */
  static read(file) {
    return new KeptResults(outputsOf(file), readFileSync(file, 'utf8').split('\n').filter(Boolean));
  }

  static write(file, results) {
    const outputs = outputsOf(file);
    rmSync(outputs, { recursive: true, force: true });
    mkdirSync(outputs, { recursive: true });
    for (const { name, out, err } of results) {
      writeFileSync(streamFile(outputs, name, 'out'), gzipSync(out));
      writeFileSync(streamFile(outputs, name, 'err'), gzipSync(err));
    }
    writeFileSync(file, results.map(({ line }) => `${line}\n`).join(''));
  }

  constructor(outputs, lines) {
    this.#outputs = outputs;
    this.#lines = new Map(lines.map((line) => [nameOf(line), line]));
  }

  /** A text for each case that differs, is new, or is not there any more. */
  differences(results) {
    const names = new Set(results.map(({ name }) => name));
    const gone = [...this.#lines.keys()].filter((name) => !names.has(name));
    return [
      ...results.flatMap((result) => this.#difference(result)),
      ...gone.map((name) => `${name}: there is no such case any more`),
    ];
  }

  #difference(result) {
    const before = this.#lines.get(result.name);
    if (before === undefined) return [`${result.name}: a new case`];
    if (before === result.line) return [];
    const [codeBefore] = before.split(' ');
    const [code] = result.line.split(' ');
    const lines = [
      `${result.name}: differs`,
      ...(code === codeBefore ? [] : [`  exit code was ${codeBefore}, is ${code}`]),
      ...this.#firstDifference(result, 'out', 'standard output'),
      ...this.#firstDifference(result, 'err', 'standard error'),
    ];
    return [lines.join('\n')];
  }

  #firstDifference(result, stream, title) {
    const path = streamFile(this.#outputs, result.name, stream);
    if (!existsSync(path)) return [`  ${title} cannot be compared: ${path} is missing`];
    const before = gunzipSync(readFileSync(path));
    const now = result[stream];
    if (before.equals(now)) return [];
    const [linesBefore, linesNow] = [before, now].map((bytes) => bytes.toString().split('\n'));
    const at = linesNow.findIndex((line, index) => line !== linesBefore[index]);
    const line = at < 0 ? linesNow.length : at;
    return [`  ${title}, line ${line + 1}`, `    was ${shown(linesBefore[line])}`, `    is  ${shown(linesNow[line])}`];
  }
}

function outputsOf(file) {
  return `${file}.outputs`;
}

function streamFile(outputs, name, stream) {
  return join(outputs, `${name.replace(/[^\w.-]+/g, '_')}.${stream}.gz`);
}

/** Behind exit code and two hashes. */
function nameOf(line) {
  return line.split(' ').slice(3).join(' ');
}

function shown(line) {
  return line === undefined ? '(nothing)' : JSON.stringify(line.slice(0, SHOWN_CHARACTERS));
}
