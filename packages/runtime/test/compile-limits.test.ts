import { parse as parseWat } from '@bytecodealliance/jco-transpile/wasm-tools';
import { compile, type HostError } from '@chipmunk-host/runtime';
import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../src/shared/component/component-limits.js';
import { component, coreModule, leb128, list, listSection, section } from './component-bytes.js';

const EMPTY_CUSTOM = section(0, [0]);
const many = (count: number, part: Uint8Array) => Array.from({ length: count }, () => part);
const nested = (depth: number): Uint8Array => (depth === 0 ? component() : component(section(4, nested(depth - 1))));
const oneModule = (...sections: Uint8Array[]) => component(section(1, coreModule(...sections)));
const over = (name: keyof typeof DEFAULT_LIMITS) => DEFAULT_LIMITS[name] + 1;

/** A module of functions without parameters, each of which has these locals (as groups) and instructions. */
const functions = (count: number, locals: readonly number[], code: Uint8Array) => {
  const body = Buffer.concat([Buffer.from(locals), code, Buffer.from([0x0b])]);
  const each = [...leb128(body.length), ...body];
  return oneModule(section(1, [1, 0x60, 0, 0]), listSection(3, count, [0]), listSection(10, count, each));
};
const NO_LOCALS = [0];
const i32Locals = (count: number) => [1, ...leb128(count), 0x7f];
const repeated = (count: number, code: readonly number[]) =>
  Buffer.alloc(Math.ceil(count) * code.length, Buffer.from(code));
const LOOP = [0x03, 0x40, 0x0b];
/** An i32 condition, and an empty block with an else. */
const IF = [0x41, 0, 0x04, 0x40, 0x05, 0x0b];

const u32 = 0x79;
const A = [1, 0x61];
const TOO_MUCH: Record<string, Uint8Array> = {
  nameBytes: component(section(0, [...leb128(over('nameBytes')), ...Buffer.alloc(over('nameBytes'), 'n')])),
  nesting: nested(over('nesting')),
  sections: component(...many(over('sections'), EMPTY_CUSTOM)),
  components: component(...many(over('components'), section(4, component()))),
  coreModules: component(...many(over('coreModules'), section(1, coreModule()))),
  coreInstances: component(section(1, coreModule()), listSection(2, over('coreInstances'), [0, 0, 0])),
  instances: component(listSection(5, over('instances'), [1, 0])),
  elementEntries: component(
    section(1, coreModule(section(9, [1, 1, 0, ...list(Math.ceil(over('elementEntries') / 3), [0])]))),
    listSection(2, 3, [0, 0, 0]),
  ),
  types: component(listSection(7, over('types'), [u32])),
  typeParts: component(section(7, [1, 0x6f, ...list(over('typeParts'), [u32])])),
  aliases: component(listSection(6, over('aliases'), [1, 0, 0, ...A])),
  functions: component(listSection(8, over('functions'), [0])),
  imports: component(listSection(10, over('imports'), [0, ...A, 1, 0])),
  exports: component(listSection(11, over('exports'), [0, ...A, 1, 0, 0])),
  links: component(section(2, [1, 1, ...list(over('links'), [...A, 0, 0])])),
  moduleSections: oneModule(...many(over('moduleSections'), EMPTY_CUSTOM)),
  moduleTypes: oneModule(listSection(1, over('moduleTypes'), [0])),
  moduleTypeParts: oneModule(section(1, [1, 0x60, ...list(over('moduleTypeParts'), [0x7f]), 0])),
  moduleImports: oneModule(listSection(2, over('moduleImports'), [0])),
  moduleFunctions: oneModule(listSection(3, over('moduleFunctions'), [0])),
  functionBytes: functions(1, NO_LOCALS, repeated(over('functionBytes'), [0x01])),
  functionLocals: functions(1, i32Locals(over('functionLocals')), Buffer.alloc(0)),
  moduleLocals: functions(over('moduleLocals') / 9_000 + 1, i32Locals(9_000), Buffer.alloc(0)),
  functionBranchValues: functions(1, i32Locals(1_000), repeated(over('functionBranchValues') / 2_000, IF)),
  functionLoops: functions(1, NO_LOCALS, repeated(over('functionLoops'), LOOP)),
  moduleTables: oneModule(listSection(4, over('moduleTables'), [0])),
  moduleMemories: oneModule(listSection(5, over('moduleMemories'), [0])),
  moduleGlobals: oneModule(listSection(6, over('moduleGlobals'), [0])),
  moduleExports: oneModule(listSection(7, over('moduleExports'), [0])),
  moduleElements: oneModule(listSection(9, over('moduleElements'), [0])),
  moduleData: oneModule(listSection(11, over('moduleData'), [0])),
  moduleElementEntries: oneModule(section(9, [1, 1, 0, ...list(over('moduleElementEntries'), [0])])),
  constantBytes: oneModule(
    section(6, [1, 0x7f, 0, ...repeated(over('constantBytes') / 9, [0x44, ...Buffer.alloc(8)]), 0x0b]),
  ),
  moduleTags: oneModule(listSection(13, over('moduleTags'), [0])),
};

/** Each level has two instances of the one inside: 2^levels in all, in a few hundred bytes. */
function doubling(levels: number): string {
  let inner = '(core module $m (memory 1)) (core instance (instantiate $m))';
  for (let left = levels; left > 0; left--)
    inner = `(component $c ${inner}) (instance (instantiate $c)) (instance (instantiate $c))`;
  return `(component ${inner})`;
}

/** A type of 2^levels numbers, for each of which the bindings have a line. */
function wideType(levels: number): string {
  const types = Array.from({ length: levels }, (_, i) => `(type $t${i + 1} (tuple $t${i} $t${i}))`).join(' ');
  return `(component (type $t0 (tuple u32)) ${types}
    (core module $m (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
      (func (export "run") (param i32)))
    (core instance $i (instantiate $m))
    (func $f (param "all" $t${levels}) (canon lift (core func $i "run")
      (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
    (export "run" (func $f)))`;
}

describe('before a component is transpiled', () => {
  test.each(Object.entries(TOO_MUCH))('the limit %s is kept', async (name, bytes) => {
    const limit = DEFAULT_LIMITS[name as keyof typeof DEFAULT_LIMITS];
    await expect(compile(bytes)).rejects.toMatchObject({
      code: 'ERR_PLUGIN_INVALID',
      phase: 'load',
      message: expect.stringMatching(new RegExp(`: \\d+; at most ${limit} are allowed \\(limit '${name}'\\)`)),
    });
  });

  test('every limit has a test, but for that on the output', () => {
    expect([...Object.keys(TOO_MUCH), 'glueBytes'].sort()).toEqual(Object.keys(DEFAULT_LIMITS).sort());
  });

  test('a limit can be set', async () => {
    const bytes = component(section(1, coreModule()), section(1, coreModule()));
    await expect(compile(bytes, { limits: { coreModules: 1 } })).rejects.toThrow(
      /core modules: 2; at most 1 are allowed/,
    );
  });

  test('instances are counted as often as the component around them is instantiated', async () => {
    const bytes = await parseWat(doubling(40));
    await expect(compile(bytes, { limits: { nesting: 100 } })).rejects.toThrow(/too many core instances/);
  });

  test('operands on the stack count at branches as locals do', async () => {
    const operands = Buffer.concat([repeated(4_000, [0x41, 0]), repeated(4_000, IF), repeated(4_000, [0x1a])]);
    await expect(compile(functions(1, NO_LOCALS, operands))).rejects.toThrow(/limit 'functionBranchValues'/);
    const dropped = repeated(4_000, [0x41, 0, 0x1a, ...IF]);
    await expect(compile(functions(1, NO_LOCALS, dropped))).resolves.toBeDefined();
  });

  test('a type that makes the bindings explode is refused', async () => {
    const bytes = await parseWat(wideType(16));
    expect(bytes.length).toBeLessThan(1000);
    // Not the component itself: its bindings would be all of the report.
    const end = await compile(bytes).then(
      () => 'compiled',
      (error: Error) => error.message,
    );
    expect(end).toMatch(/limit 'glueBytes'/);
  });

  test('one for which the compiler has too little heap is not blamed for it', async () => {
    const options = { compilerHeapMiB: 8, limits: { glueBytes: Number.POSITIVE_INFINITY } };
    const end = await compile(await parseWat(wideType(16)), options).then(
      () => undefined,
      (error: HostError) => error,
    );
    expect([end?.code, end?.message]).toEqual([
      'ERR_ENVIRONMENT',
      'The component cannot be compiled with a heap of 8 MiB.',
    ]);
  });

  const NUMBER_OF_36_BITS = [0xff, 0xff, 0xff, 0xff, 0x7f];
  test.each<[string, Uint8Array, RegExp]>([
    ['a section longer than the file', component(Buffer.from([1, 100, 0])), /ends in the middle/],
    ['a length without an end', component(Buffer.from([7, 0x80, 0x80])), /ends in the middle/],
    ['a length of more than 32 bits', component(Buffer.from([7, ...NUMBER_OF_36_BITS])), /more than 32 bits/],
    ['a count over what is there', component(section(7, [100, u32])), /ends in the middle/],
    ['bytes behind the last entry', component(section(7, [1, u32, u32])), /longer than its content/],
    ['a name over the end of its section', component(section(10, [1, 0, 9, 0x61, 1, 0])), /ends in the middle/],
    ['a type that is not known', component(section(7, [1, 0x11])), /does not support: a type of kind 0x11/],
    ['a start function', component(section(9, [0, 0, 0])), /does not support: section 9/],
    ['core types', component(section(3, [1, 0x60, 0, 0])), /does not support: section 3/],
    ['a nested component of another version', component(section(4, coreModule())), /another version/],
    ['an instance of a module that is not there', component(section(2, [1, 0, 5, 0])), /core module that is not there/],
    ['an imported component', component(section(10, [1, 0, ...A, 4, 0])), /passed on as a value/],
    ['an imported core module', component(section(10, [1, 0, ...A, 0, 0x11, 0])), /passed on as a value/],
    ['an alias from nowhere', component(section(6, [1, 4, 2, 9, 0])), /further out than the outermost/],
    ['a core module of another version', component(section(1, component())), /another header/],
    ['a core section longer than its module', oneModule(Buffer.from([1, 100, 0])), /ends in the middle/],
    ['a core section that is not known', oneModule(section(14, [0])), /does not support: section 14/],
    ['a core import of an unknown kind', oneModule(section(2, [1, ...A, ...A, 9, 0])), /an import of kind 9/],
    ['a core count over what is there', oneModule(section(1, [100])), /ends in the middle/],
  ])('%s is refused by name', async (_, bytes, message) => {
    await expect(compile(bytes)).rejects.toMatchObject({ code: 'ERR_PLUGIN_INVALID', message });
  });
});
