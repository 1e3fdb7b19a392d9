/**
 * Plugins that return more than a thread's heap can hold. One allocation that does not fit ends the process, so each has a
 * process of its own, which has to live and name what was too large.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AREA, ITEM, put8, put32, type WatPlugin, watPlugin } from './faults/wat-plugin.js';

const FIXTURE = join(import.meta.dirname, 'giant-program-fixture.mjs');
/** To run the processes with another Node than this one. */
const NODE = process.env.GIANT_TEXTS_NODE ?? process.execPath;
const INPUT = 'first\n!0\nlast\n';

const MB = 1_000_000;
const MIB = 1024 * 1024;
/** Pages of memory for so many bytes behind what the plugin needs itself. */
const pagesFor = (bytes: number): number => Math.ceil(bytes / 65_536) + 2;
/** Where the large text lies: all of it NUL. */
const TEXT = 65_536;
/** Where the functions other than `parse` put what they return; `LIST` is free. */
const RETURNED = 16;
const LIST = 8192;
const SCHEMA_BYTES = 48;

const put = (at: number, ...values: number[]): string => values.map((value, i) => put32(at + 4 * i, value)).join(' ');

interface Told {
  readonly texts: number;
  readonly gaps: number;
  readonly logged: readonly number[];
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly phase?: string;
    readonly stack?: string;
  };
}

let folder: string;
let made = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'giant-texts-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What a process says of a session with the plugin. Rejects when the process does not end well. */
async function run(plugin: WatPlugin, options: object = {}): Promise<Told> {
  const component = join(folder, `${made++}.wasm`);
  const input = `${component}.log`;
  await writeFile(component, await watPlugin(plugin));
  await writeFile(input, INPUT);
  const { stdout, stderr } = await promisify(execFile)(NODE, [FIXTURE, component, input, JSON.stringify(options)], {
    maxBuffer: 64 * MIB,
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

async function expectRefused(plugin: WatPlugin, phase: string, message: RegExp): Promise<void> {
  const { error, texts } = await run(plugin);
  expect(texts).toBe(0);
  expect(error).toMatchObject({ code: 'ERR_PLUGIN_CONTRACT', phase });
  expect(error?.message).toMatch(message);
  expect(error?.message.length).toBeLessThan(1000);
}

describe('the process lives, and the field is named, when a plugin returns', () => {
  test('an error of init of 300 MB', async () => {
    const init = `${put8(RETURNED, 1)} ${put8(RETURNED + 4, 3)} ${put(RETURNED + 8, TEXT, 300 * MB)}`;
    await expectRefused(
      { init, pages: pagesFor(300 * MB) },
      'init',
      /^init .*: the error's message has 300000000 bytes/,
    );
  });

  test('a schema with one text of 400 MB', async () => {
    const schemas = `${put(RETURNED, LIST, 1)} ${put8(LIST + 28, 3)} ${put(LIST + 32, TEXT, 400 * MB)}`;
    const plugin = { schemas, pages: pagesFor(400 * MB) };
    await expectRefused(plugin, 'info', /^get-config-schemas .*: \[0\]\.input-type\.text has 400000000 bytes/);
  });

  test('a hundred schemas with a title of 50 MB each', async () => {
    const titles = Array.from({ length: 100 }, (_, i) => put(LIST + i * SCHEMA_BYTES + 8, TEXT, 50 * MB)).join(' ');
    const plugin = { schemas: `${put(RETURNED, LIST, 100)} ${titles}`, pages: pagesFor(50 * MB) };
    await expectRefused(plugin, 'info', /^get-config-schemas .*: \[0\]\.title has 50000000 bytes/);
  });

  test('a hundred schemas with a description of 1 MB each, which are too many together', async () => {
    const descriptions = Array.from({ length: 100 }, (_, i) => LIST + i * SCHEMA_BYTES)
      .map((at) => `${put8(at + 16, 1)} ${put(at + 20, TEXT, MB)}`)
      .join(' ');
    const plugin = { schemas: `${put(RETURNED, LIST, 100)} ${descriptions}`, pages: pagesFor(MB) };
    await expectRefused(plugin, 'info', /^get-config-schemas .*: \[4\]\.description has 1000000 bytes/);
  });

  test('a dropdown with 40 million options', async () => {
    const schemas = `${put(RETURNED, LIST, 1)} ${put8(LIST + 28, 6)} ${put(LIST + 32, TEXT, 40 * MB)}`;
    const plugin = { schemas, pages: pagesFor(8 * 40 * MB) };
    await expectRefused(plugin, 'info', /^get-config-schemas returned a list of 40000000 elements/);
  });

  test('a caption of a column of 400 MB', async () => {
    const renderOptions = `${put8(RETURNED, 1)} ${put(RETURNED + 4, LIST, 1)} ${put(LIST, TEXT, 400 * MB)}`;
    const plugin = { renderOptions, pages: pagesFor(400 * MB) };
    await expectRefused(plugin, 'info', /^get-render-options .*: columns-options\.columns\[0\]\.caption has 400000000/);
  });
});

describe('the process lives when what is lifted by the bindings is', () => {
  const encoding = 'utf16';
  // As JSON for another process, which cannot say `Infinity`.
  const recovery = { narrowingMs: 1e9 };
  const pages = pagesFor(300 * MB);

  test('a line of 300 MB: a gap', async () => {
    const told = await run({ encoding, pages, acts: [put(ITEM + 20, TEXT, 150 * MB)] }, { recovery });
    expect(told.error).toMatchObject({ code: 'ERR_PLUGIN_CONTRACT' });
    expect(told.error?.message).toMatch(/item 0\.value\.message\.line has 300000000 bytes/);
    expect(told).toMatchObject({ texts: 2, gaps: 1 });
  });

  test('an item of 40 million columns: a gap', async () => {
    const columns = `${put8(ITEM + 16, 1)} ${put(ITEM + 20, TEXT, 37 * MB)}`;
    const told = await run({ encoding, pages, acts: [columns] }, { recovery });
    expect(told.error).toMatchObject({ code: 'ERR_PLUGIN_CONTRACT' });
    expect(told).toMatchObject({ texts: 2, gaps: 1 });
  });

  test('an unrecoverable error of 300 MB: its beginning', async () => {
    const error = `${put8(AREA, 1)} ${put8(AREA + 4, 0)} ${put(AREA + 8, TEXT, 150 * MB)}`;
    const told = await run({ encoding, pages, acts: [error] });
    expect(told.error).toMatchObject({ code: 'ERR_PLUGIN_UNRECOVERABLE' });
    expect(told.error?.message.length).toBeLessThan(20_000);
    expect(told.error?.message).toContain('(300000000 bytes)');
  });

  test('a log line of 300 MB: its beginning', async () => {
    const init = `(call $log (i32.const 0) (i32.const ${TEXT}) (i32.const ${150 * MB}))`;
    const told = await run({ encoding, pages, init });
    expect(told.logged[0]).toBeLessThanOrEqual(65_536);
    expect(told).toMatchObject({ texts: 3 });
  });
});

test('the process lives when the functions of a stack have names of 1 MB', async () => {
  const name = `$${'A'.repeat(MB)}`;
  const fields = `(func ${name} (param i32)
    (if (i32.eqz (local.get 0)) (then unreachable))
    (call ${name} (i32.sub (local.get 0) (i32.const 1))))`;
  const { error } = await run({ fields, init: `(call ${name} (i32.const 100))` });
  expect(error).toMatchObject({ code: 'ERR_PLUGIN_TRAP', phase: 'init' });
  expect(error?.stack?.length).toBeLessThan(MIB);
});
