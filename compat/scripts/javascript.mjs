// Builds the JavaScript plugin with jco's componentize. That is large, so it is no part of the workspace: `npm ci --ignore-scripts`
// in javascript/ fetches it where it is wanted.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { witSource } from './component.mjs';
import { run } from './toolchain.mjs';

const FOLDER = join(import.meta.dirname, '..', 'components', 'javascript');
const TOOL = join(FOLDER, 'node_modules', '@bytecodealliance', 'componentize-js', 'package.json');

/** Why nothing can be built here; undefined when it can. */
export function javascriptIsMissing() {
  return existsSync(TOOL)
    ? undefined
    : 'componentize-js is not installed: npm ci --ignore-scripts, in compat/components/javascript';
}

export function javascriptVersions() {
  return { 'componentize-js': JSON.parse(readFileSync(TOOL, 'utf8')).version };
}

/** @returns the component */
export function buildJavascript() {
  const scratch = mkdtempSync(join(tmpdir(), 'interop-javascript-'));
  try {
    const [wit, out] = [join(scratch, 'plugin.wit'), join(scratch, 'json-lines.wasm')];
    writeFileSync(wit, witSource('parser'));
    run(process.execPath, [join(FOLDER, 'componentize.mjs'), wit, out], { cwd: FOLDER });
    return readFileSync(out);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
