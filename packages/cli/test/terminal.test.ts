/** What a terminal gets: no control characters of logs and plugins, unless they are asked for; colours of the program's own. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildEscaper } from '@chipmunk-host/test-plugins';
import { beforeAll, describe, expect, test } from 'vitest';
import { visibleControls } from '#terminal/visible-controls.js';
import { runOnTerminal, whyNoTerminal } from './pseudo-terminal.js';
import { setStage } from './support.js';

const stage = setStage();
const noTerminal = whyNoTerminal();
if (noTerminal !== undefined) process.stderr.write(`skipped: ${noTerminal}\n`);

const ITEM = 'red \u001b[31m title \u001b]0;owned\u0007 back\b turned \u202e csi \u009b2J tab\t ü€😀';
const SHOWN = 'red ^[[31m title ^[]0;owned^G back^H turned \\u202e csi \\u009b2J tab\t ü€😀';
const INGEST = ['ingest', 'hostile.log', '-p', 'string-parser'];

beforeAll(async () => {
  await stage.file('hostile.log', `${ITEM}\n`);
  await stage.file('escaper.wasm', await buildEscaper());
});

test('controls are shown by their names, line ends and tabs stay', () => {
  expect(visibleControls(`${ITEM}\r\n\u007f\r`)).toBe(`${SHOWN}\r\n\\u007f^M`);
});

test('a pipe gets items as they are', async () => {
  const { stdout } = await stage.run(...INGEST);
  expect(stdout.toString()).toBe(`${ITEM}\n`);
});

describe.skipIf(noTerminal !== undefined)('a terminal', () => {
  test.each(['text', 'ndjson'])('shows controls in items as %s', async (format) => {
    const { shown, code } = await runOnTerminal(stage, [...INGEST, '-f', format]);
    expect(code).toBe(0);
    expect(controlsOf(shown)).toEqual([]);
    if (format === 'text') expect(shown).toContain(`${SHOWN}\r\n`);
    else expect(JSON.parse(shown.split('\r\n')[0] ?? '')).toMatchObject({ text: ITEM });
  });

  test('shows them also where it is named as the output', async () => {
    expect((await runOnTerminal(stage, [...INGEST, '-o', '/dev/tty'])).shown).toContain(`${SHOWN}\r\n`);
  });

  test('gets them with --raw', async () => {
    expect((await runOnTerminal(stage, [...INGEST, '--raw'])).shown).toContain(`${ITEM}\r\n`);
  });

  test('gets no msgpack', async () => {
    const { shown, code } = await runOnTerminal(stage, [...INGEST, '-f', 'msgpack']);
    expect(code).toBe(2);
    expect(shown).toMatch(/^error: msgpack is binary and not for a terminal.*--raw/);
  });

  test.each([
    ['init', []],
    ['unrecoverable', []],
    ['log', ['--verbose']],
  ])('shows those of a plugin in its %s, not as lines of the program, and not without end', async (where, more) => {
    const args = ['ingest', 'hostile.log', '-p', './escaper.wasm', '-c', `where=${where}`, '-f', 'none', ...more];
    const { shown } = await runOnTerminal(stage, args);
    expect(controlsOf(shown)).toEqual([]);
    expect(shown).toMatch(/evil\^\[\]0;owned\^G\^\[\[2J\\u202e\\u009b1m/);
    expect(shown).not.toMatch(/^error FORGED/m);
    expect(shown).toMatch(/more characters\)/);
    expect(shown.length).toBeLessThan(20_000);
  });

  test.each([
    ['a file that is not there', ['ingest', `no\u001b[2Jne.log`, '-p', 'string-parser']],
    ['an archive', ['plugins', 'add', `no\u001b[2Jne.zip`]],
    ['a plugin', ['ingest', 'hostile.log', '-p', `no\u001b[2Jne`]],
    ['an option', ['ingest', `--no\u001b[2Jne`]],
  ])('shows those in the name of %s', async (_, args) => {
    const { shown } = await runOnTerminal(stage, args);
    expect(shown).toContain('no^[[2Jne');
    expect(controlsOf(shown)).toEqual([]);
  });

  test('shows those of an installed plugin and its directory', async () => {
    const own = join(stage.directory, 'plug\u001b[2Jins', 'parsers', 'x');
    await mkdir(own, { recursive: true });
    await writeFile(join(own, 'x.wasm'), 'none');
    await writeFile(join(own, 'README.md'), ITEM);
    for (const command of ['list', 'show', 'doctor', 'logs']) {
      const name = command === 'show' || command === 'logs' ? ['x'] : [];
      const args = ['plugins', command, ...name, '--plugins-dir', 'plug\u001b[2Jins'];
      expect([command, controlsOf((await runOnTerminal(stage, args)).shown)]).toEqual([command, []]);
    }
  });

  test('tells files of one name apart in the progress bar', async () => {
    await mkdir(join(stage.directory, 'other'), { recursive: true });
    await stage.file('other/hostile.log', 'x\n');
    const args = ['ingest', 'hostile.log', 'other/hostile.log', '-p', 'string-parser', '-f', 'none'];
    const { shown } = await runOnTerminal(stage, args);
    for (const place of ['1 of 2', '2 of 2']) expect(shown).toContain(`hostile.log (${place}) [`);
    expect(shown).toMatch(/100% {2}2 bytes of 2 bytes {2}0 s left/);
    expect((await runOnTerminal(stage, [...args, '--quiet'])).shown).toBe('');
  });

  test('has colours, unless NO_COLOR is set', async () => {
    const args = ['ingest', 'missing.log', '-p', 'string-parser'];
    const coloured = await runOnTerminal(stage, args, { NO_COLOR: undefined });
    expect(coloured.shown).toContain('\u001b[31merror ERR_SOURCE_OPEN\u001b[39m: ');
    expect((await runOnTerminal(stage, args)).shown).toContain('error ERR_SOURCE_OPEN: ');
  });
});

/** But line ends, tabs, and what the progress bar does to its own line. */
function controlsOf(shown: string): readonly string[] {
  const own = /\r|\t|\n|\p{Cc}(?:7|8|\[\??\d*[GKJhl])/gu;
  return shown.replaceAll(own, '').match(/[\p{Cc}\p{Bidi_Control}]/gu) ?? [];
}
