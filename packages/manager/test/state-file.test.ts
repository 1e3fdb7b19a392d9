import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DirectoryFiles } from '#store/directory-files.js';
import { StateFile } from '#store/state-file.js';
import { setStage } from './support.js';

const stage = setStage();
const PIN = 'a'.repeat(64);
const x = { kind: 'parser', name: 'x' } as const;
const y = { kind: 'bytesource', name: 'y' } as const;
let counter = 0;

async function setup() {
  const file = new StateFile(new DirectoryFiles(await stage.folder(`state-${counter++}`)));
  const read = async () => {
    const warnings: string[] = [];
    return { states: Object.fromEntries(await file.read(warnings)), warnings };
  };
  return { file, read };
}

describe('what is decided about plugins', () => {
  test('is nothing at first, kept by kind and name, and forgotten when nothing is left', async () => {
    const { file, read } = await setup();
    expect(await read()).toEqual({ states: {}, warnings: [] });
    await file.update(x, () => ({ disabled: true }));
    await file.update(x, (state) => ({ ...state, pin: PIN }));
    await file.update(y, () => ({ pin: PIN }));
    expect(await read()).toEqual({
      states: { 'parsers/x': { disabled: true, pin: PIN }, 'bytesources/y': { pin: PIN } },
      warnings: [],
    });
    await file.update(x, () => ({}));
    expect((await read()).states).toEqual({ 'bytesources/y': { pin: PIN } });
  });

  test('is not lost when many decide at once', async () => {
    const { file, read } = await setup();
    const names = Array.from({ length: 20 }, (_, n) => `p${n}`);
    await Promise.all(names.map((name) => file.update({ kind: 'parser', name }, () => ({ disabled: true }))));
    expect(Object.keys((await read()).states)).toHaveLength(20);
  });

  test.each([
    ['', 'Unexpected end'],
    ['[]', 'it is no JSON object'],
    ['{"format":2,"plugins":{}}', 'it has format 2; expected 1'],
    ['{"format":1}', "'plugins' is not an object"],
    ['{"format":1,"plugins":{"parsers/x":1}}', "plugins['parsers/x'] is not an object"],
    ['{"format":1,"plugins":{"parsers/x":{"pin":"abc"}}}', "has a 'pin' that is not a SHA-256"],
    ['{"format":1,"plugins":{"parsers/x":{"disabled":"yes"}}}', "has a 'disabled' that is not a boolean"],
  ])('is nothing when the file holds %j, with a warning, and the file is set aside', async (content, reason) => {
    const { file, read } = await setup();
    await file.update(x, () => ({ disabled: true }));
    await writeFile(file.path, content);
    const { states, warnings } = await read();
    expect(states).toEqual({});
    expect(warnings).toEqual([expect.stringContaining(reason)]);
    await file.update(y, () => ({ disabled: true }));
    expect((await read()).states).toEqual({ 'bytesources/y': { disabled: true } });
    const folder = join(file.path, '..');
    expect(await readFile(join(folder, 'state.unreadable.json'), 'utf8')).toBe(content);
    expect((await readdir(folder)).sort()).toEqual(['lock', 'staging', 'state.json', 'state.unreadable.json']);
  });
});
