import { parse as parseWat } from '@bytecodealliance/jco-transpile/wasm-tools';
import { type CompiledComponent, type CompileOptions, compile } from '@chipmunk-host/runtime';
import { describe, expect, test } from 'vitest';
import { capSizes } from '../src/worker/compile/size-cap.js';
import { coreModule, section } from './component-bytes.js';

const PAGE = 65_536;

interface Grower {
  memory: WebAssembly.Memory;
  table: WebAssembly.Table & { grow(by: number): number };
}

const compileWat = async (wat: string, options: CompileOptions) =>
  compile(await parseWat(`(component ${wat})`), options);

/** Each module of the component, instantiated on its own. */
function instances(component: CompiledComponent): Grower[] {
  return [...component.modules.values()].map((module) => new WebAssembly.Instance(module).exports as unknown as Grower);
}

const withMemory = (size: string, name = 'm') => `
  (core module $${name} (memory (export "memory") ${size})) (core instance (instantiate $${name}))`;
const withTable = (size: string) => `
  (core module $m (table (export "table") ${size} funcref)) (core instance (instantiate $m))`;

/** By how many pages in all it can be made to grow, one at a time. */
function growth(grow: () => number): number {
  let steps = 0;
  while (true) {
    try {
      grow();
    } catch {
      return steps;
    }
    steps++;
  }
}

describe('the memory cap', () => {
  test('ends the growth of a memory without a maximum', async () => {
    const [only] = instances(await compileWat(withMemory('2'), { memoryBytes: 10 * PAGE }));
    expect(growth(() => only?.memory.grow(1) ?? 0)).toBe(8);
  });

  test('lowers a maximum that is over it, and leaves one below it', async () => {
    const [above] = instances(await compileWat(withMemory('1 1000'), { memoryBytes: 3 * PAGE }));
    const [below] = instances(await compileWat(withMemory('1 2'), { memoryBytes: 3 * PAGE }));
    expect(growth(() => above?.memory.grow(1) ?? 0)).toBe(2);
    expect(growth(() => below?.memory.grow(1) ?? 0)).toBe(1);
  });

  test('is shared out between the memories of a component', async () => {
    const wat = `${withMemory('1', 'a')} ${withMemory('3', 'b')}`;
    const [a, b] = instances(await compileWat(wat, { memoryBytes: 10 * PAGE }));
    expect(growth(() => a?.memory.grow(1) ?? 0)).toBe(3);
    expect(growth(() => b?.memory.grow(1) ?? 0)).toBe(3);
  });

  test('counts a module as often as it is instantiated', async () => {
    const wat = `${withMemory('1')} (core instance (instantiate $m)) (core instance (instantiate $m))`;
    const [one] = instances(await compileWat(wat, { memoryBytes: 9 * PAGE }));
    expect(growth(() => one?.memory.grow(1) ?? 0)).toBe(2);
  });

  test('counts those within nested components', async () => {
    const wat = `(component $c ${withMemory('4')}) (instance (instantiate $c)) (instance (instantiate $c))`;
    await expect(compileWat(wat, { memoryBytes: 7 * PAGE })).rejects.toMatchObject({ code: 'ERR_PLUGIN_MEMORY' });
    await expect(compileWat(wat, { memoryBytes: 8 * PAGE })).resolves.toBeDefined();
  });

  test('refuses a plugin that starts with more', async () => {
    await expect(compileWat(withMemory('11'), { memoryBytes: 10 * PAGE })).rejects.toMatchObject({
      code: 'ERR_PLUGIN_MEMORY',
      phase: 'load',
      message: `The plugin starts with ${11 * PAGE} bytes of memory; at most ${10 * PAGE} are allowed.`,
    });
  });

  test('is 512 MiB unless it is set', async () => {
    await expect(compileWat(withMemory('8193'), {})).rejects.toMatchObject({ code: 'ERR_PLUGIN_MEMORY' });
    await expect(compileWat(withMemory('8193'), { memoryBytes: Number.POSITIVE_INFINITY })).resolves.toBeDefined();
  });

  test('over what the format has is the format’s own', async () => {
    await expect(compileWat(withMemory('1'), { memoryBytes: 2 ** 40 })).resolves.toBeDefined();
  });

  test.each([
    ['shared', '1 2 shared'],
    ['64-bit', 'i64 1'],
  ])('cannot be got around by a %s memory', async (kind, size) => {
    await expect(compileWat(`(core module $m (memory ${size}))`, {})).rejects.toMatchObject({
      code: 'ERR_PLUGIN_INVALID',
      message: expect.stringContaining(`a ${kind} memory`),
    });
  });

  test.each([{ memoryBytes: -1 }, { memoryBytes: Number.NaN }, { tableElements: -5 }])(
    '%j is refused',
    async (options) => {
      await expect(compileWat(withMemory('1'), options)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
    },
  );
});

describe('the table cap', () => {
  test('ends the growth of a table', async () => {
    const [only] = instances(await compileWat(withTable('10'), { tableElements: 15 }));
    expect(growth(() => only?.table.grow(1) ?? 0)).toBe(5);
  });

  test('refuses a plugin that starts with more', async () => {
    await expect(compileWat(withTable('1000001'), {})).rejects.toMatchObject({
      code: 'ERR_PLUGIN_MEMORY',
      message: expect.stringContaining('1000001 elements in tables'),
    });
  });
});

describe('rewriting a module', () => {
  const types = section(1, [1, 0x60, 0, 0]);
  const name = section(0, [4, ...Buffer.from('name'), 0, 2, 1, 0x78]);

  test('changes the sections of memories and tables, and not a byte of the others', () => {
    const module = coreModule(types, section(4, [1, 0x70, 0, 1]), section(5, [1, 0, 1]), name);
    const expected = coreModule(types, section(4, [1, 0x70, 1, 1, 3]), section(5, [1, 1, 1, 0xc9, 0x01]), name);
    expect(Buffer.from(capSizes(module, { memoryPages: 200, tableElements: 2 }))).toEqual(expected);
  });

  test('returns a module that has nothing to cap as it is', () => {
    const module = coreModule(types, section(5, [1, 1, 1, 2]), name);
    expect(capSizes(module, { memoryPages: 10, tableElements: 10 })).toBe(module);
    expect(capSizes(module, { memoryPages: undefined, tableElements: undefined })).toBe(module);
  });

  test('keeps the element types of tables of typed references', () => {
    const typed = (size: number[]) => coreModule(section(4, [2, 0x63, 0x00, ...size, 0x6f, ...size]));
    expect(Buffer.from(capSizes(typed([0, 1]), { memoryPages: 0, tableElements: 4 }))).toEqual(typed([1, 1, 5]));
  });
});
