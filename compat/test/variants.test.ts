/** Components in shapes that are allowed, and that the compilers of the other plugins do not make. */
import { type CompiledComponent, compile } from '@chipmunk-host/runtime';
import { describe, expect, test } from 'vitest';
import { said, setStage } from './stage.js';
import { lineComponent, severalModules, WASI_VERSIONS, wasiComponent } from './variants/components.js';

const stage = setStage();

/** The texts that come of an input, the same directly and through the bindings. */
async function textsOf(component: CompiledComponent, input: string): Promise<string[]> {
  const content = Buffer.from(input, 'latin1');
  const texts: string[][] = [];
  for (const bindingsOnly of [false, true]) {
    const { rows, error, summary } = await stage.run('lines', content, { component, bindingsOnly });
    expect(error).toBeUndefined();
    expect(summary).toMatchObject({ status: 'completed', bytes: content.length, restarts: 0, gaps: 0 });
    texts.push(rows.map(({ columns }) => columns.join('')));
  }
  expect(texts[0]).toEqual(texts[1]);
  return texts[0] ?? [];
}

describe('strings', () => {
  test('as UTF-16', async () => {
    const component = await compile(await lineComponent({ encoding: 'utf16' }));
    expect(await textsOf(component, 'one\nzw\xf6lf\n\nend \xff')).toEqual(['one\n', 'zwölf\n', '\n', 'end ÿ']);
  });

  test('as Latin-1 or UTF-16 are refused when the component is loaded: no bindings can be made', async () => {
    await expect(compile(await lineComponent({ encoding: 'compact-utf16' }))).rejects.toMatchObject({
      code: 'ERR_PLUGIN_INVALID',
      message: expect.stringMatching(/strings are latin1\+utf16/),
    });
  });

  test('as UTF-16 are refused together with WASI, which takes only UTF-8', async () => {
    const component = await compile(await wasiComponent(['0.2.0'], 'utf16'));
    const { error } = await stage.run('lines', 'x\n', { component });
    expect(error).toMatchObject({
      code: 'ERR_PLUGIN_INVALID',
      message: expect.stringMatching(/wasi:random\/random@0\.2\.0/),
    });
  });

  test.each(['utf8', 'utf16'] as const)('that are logged and given, as %s', async (encoding) => {
    const text = encoding === 'utf16' ? [...'ready'].map((letter) => `${letter}\\00`).join('') : 'ready';
    const logging = '(import "chipmunk:shared/logging@0.1.0" "log" (func $log (param i32 i32 i32)))';
    // The path's first character tells whether it came in the right encoding, and its length whether it is whole.
    const component = await compile(
      await lineComponent({
        encoding,
        imports: `${logging}
          (import "chipmunk:shared/sandbox@0.1.0" "temp-directory" (func $temp-directory (param i32)))`,
        fields: `(data (i32.const 512) "${text}")`,
        init: `
          (call $log (i32.const 2) (i32.const 512) (i32.const 5))
          (call $temp-directory (i32.const 600))
          (if (i32.load8_u (i32.const 600)) (then unreachable))
          (call $log (i32.const 2) (i32.load (i32.const 604)) (i32.load (i32.const 608)))`,
      }),
    );
    const outcome = await stage.run('lines', 'x\n', { component });
    expect(outcome.error).toBeUndefined();
    expect(said(outcome, 'log')).toEqual(['ready', expect.stringMatching(/^\/.*chipmunk-host-[0-9a-z-]+$/)]);
  });
});

describe('functions', () => {
  test('without cabi_post', async () => {
    const component = await compile(await lineComponent({ postReturn: false }));
    expect(await textsOf(component, 'one\ntwo\nthree')).toEqual(['one\n', 'two\n', 'three']);
  });

  test('of a cabi_realloc that moves what it enlarges or shrinks', async () => {
    const component = await compile(await lineComponent({ moves: true }));
    const lines = Array.from({ length: 500 }, (_, i) => `line ${i} ${'x'.repeat(i)}\n`);
    expect(await textsOf(component, lines.join(''))).toEqual(lines);
  });

  test('of a start function, which runs before anything else', async () => {
    const component = await compile(
      await lineComponent({
        fields:
          '(global $ending (mut i32) (i32.const 0)) (func $start (global.set $ending (i32.const 59))) (start $start)',
        ending: '(global.get $ending)',
      }),
    );
    expect(await textsOf(component, 'one;two;three')).toEqual(['one;', 'two;', 'three']);
  });
});

test('several core modules, each with a memory', async () => {
  const component = await compile(await severalModules());
  expect(component.modules.size).toBe(2);
  expect(await textsOf(component, 'one;two\n;three')).toEqual(['one;', 'two\n;', 'three']);
});

describe('imports of WASI', () => {
  test.each(WASI_VERSIONS)('%s', async (version) => {
    const component = await compile(await wasiComponent([version]));
    expect(component.imports).toContain(`wasi:random/random@${version}`);
    expect(await textsOf(component, 'one\n')).toEqual(['one\n']);
  });

  test('all 0.2.x in one component', async () => {
    const component = await compile(await wasiComponent(WASI_VERSIONS));
    expect(await textsOf(component, 'one\n')).toEqual(['one\n']);
  });
});

describe('imports of WASI that this host does not have', () => {
  test.each(['0.2.0-rc-2023-12-05', '0.3.0'])('%s', async (version) => {
    const component = await compile(await wasiComponent([version])).catch((error: unknown) => error);
    const error = component instanceof Error ? component : await refusalOf(component as CompiledComponent);
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_INVALID', message: expect.stringContaining('wasi:random/random') });
  });
});

async function refusalOf(component: CompiledComponent): Promise<Error | undefined> {
  return (await stage.run('lines', 'x\n', { component })).error;
}

test('parse and read of every plugin are called directly, not through the bindings', async () => {
  for (const name of ['lines', 'lines-borrowed', 'records', 'selftest', 'csv', 'json-lines'] as const)
    expect([name, (await stage.plugin(name)).direct.has('parse')]).toEqual([name, true]);
  for (const name of ['file-source', 'selftest-source'] as const)
    expect([name, (await stage.plugin(name)).direct.has('read')]).toEqual([name, true]);
});
