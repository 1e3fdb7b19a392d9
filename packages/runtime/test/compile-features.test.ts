/** Features of WebAssembly that core modules use: taken, refused, or not there in this Node. */
import { parse as parseWat } from '@bytecodealliance/jco-transpile/wasm-tools';
import { type CompileOptions, compile } from '@chipmunk-host/runtime';
import { describe, expect, test } from 'vitest';
import { type FeatureName, hasFeature } from '../src/worker/component/core-features.js';
import { component, coreModule, section } from './component-bytes.js';

const NODE = Number(process.versions.node.split('.')[0]);

const compileModule = async (fields: string, options: CompileOptions = {}) =>
  compile(await parseWat(`(component (core module $m ${fields}) (core instance (instantiate $m)))`), options);
/** A module that no text can be written for. */
const compileSections = (...sections: Uint8Array[]) => compile(component(section(1, coreModule(...sections))));

const code = (...body: number[]) => [
  section(1, [1, 0x60, 0, 0]),
  section(3, [1, 0]),
  section(10, [1, body.length + 2, 0, ...body, 0x0b]),
];

/** With a feature that not every Node has, and the first that has it. */
const NEWER: readonly [feature: FeatureName, fields: string, node: number][] = [
  ['extendedConstants', '(global i32 (i32.add (i32.const 1) (i32.const 2)))', 22],
  ['extendedConstants', '(table 1 funcref) (elem (offset (i32.mul (i32.const 0) (i32.const 2))) func)', 22],
  ['extendedConstants', '(memory 1) (data (offset (i32.sub (i32.const 2) (i32.const 2))) "")', 22],
  ['globalConstants', '(global $a i32 (i32.const 1)) (global i32 (global.get $a))', 22],
  ['relaxedSimd', '(func (param v128 v128) (result v128) (i8x16.relaxed_swizzle (local.get 0) (local.get 1)))', 22],
  ['functionReferences', '(type $t (func)) (func (param (ref null $t)) (call_ref $t (local.get 0)))', 22],
  ['functionReferences', '(type $t (func)) (func (block (br_on_null 0 (ref.null $t)) drop))', 22],
];

const GC: readonly string[] = [
  '(type (struct (field i8 (mut i32))))',
  '(type $a (array (mut i8))) (func (param i32) (drop (array.new_default $a (local.get 0))))',
  '(rec (type (func)) (type (func)))',
  '(type (sub (func)))',
  '(func (drop (ref.i31 (i32.const 1))))',
  '(func (local anyref))',
  '(table 1 eqref)',
  '(global i31ref (ref.i31 (i32.const 1)))',
  '(func (drop (ref.null none)))',
];

const EXCEPTIONS: readonly string[] = [
  '(tag)',
  '(func (block (try_table (catch_all 0))))',
  '(func (block (result exnref) (try_table (catch_all_ref 0)) unreachable) drop)',
  '(tag $t (param i32)) (func (throw $t (i32.const 1)))',
  '(func (param exnref) (throw_ref (local.get 0)))',
  '(func (local exnref))',
  '(table 1 exnref)',
];

describe('a feature that newer engines alone have', () => {
  test.each(NEWER)('%s is taken where it is there, and else named: %s', async (feature, fields, node) => {
    expect(hasFeature(feature)).toBe(NODE >= node);
    const compiling = compileModule(fields);
    if (NODE >= node) await expect(compiling).resolves.toBeDefined();
    else
      await expect(compiling).rejects.toMatchObject({
        code: 'ERR_ENVIRONMENT',
        message: expect.stringMatching(
          /^The component uses .+, which this Node\.js \(v\d+\.\d+\.\d+\) does not support\.$/,
        ),
        help: expect.stringContaining(`Node.js ${node} or later`),
      });
  });

  test('that none has yet is named', async () => {
    const fields = '(func (param i64 i64) (result i64 i64) (i64.mul_wide_u (local.get 0) (local.get 1)))';
    await expect(compileModule(fields)).rejects.toMatchObject({
      code: 'ERR_PLUGIN_INVALID',
      message: expect.stringContaining('wide arithmetic, which no Node.js supports yet'),
    });
  });
});

describe('a feature whose memory nothing counts', () => {
  test.each(GC)('is refused on every Node, unless it is allowed: %s', async (fields) => {
    await expect(compileModule(fields)).rejects.toMatchObject({
      code: 'ERR_PLUGIN_INVALID',
      message: expect.stringContaining('in the JavaScript heap, where no memory limit counts them'),
      help: expect.stringContaining("allow: ['gc']"),
    });
    const allowed = compileModule(fields, { allow: ['gc'] });
    if (NODE >= 22) await expect(allowed).resolves.toBeDefined();
    else await expect(allowed).rejects.toThrow(/which this Node\.js \(v20\.\d+\.\d+\) does not support/);
  });

  test('is allowed by name alone', async () => {
    const allow = ['threads'] as unknown as ['gc'];
    await expect(compileModule('', { allow })).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message: "The option allow[0] is 'threads'; expected 'gc'.",
    });
  });
});

describe('what is refused always', () => {
  test.each(EXCEPTIONS)('exceptions, with which errors of the host could be caught: %s', async (fields) => {
    await expect(compileModule(fields, { allow: ['gc'] })).rejects.toMatchObject({
      code: 'ERR_PLUGIN_INVALID',
      message: expect.stringContaining('it uses exceptions, which the transpiler does not support'),
    });
  });

  test.each([
    ['a shared memory', '(memory 1 1 shared)', /a shared memory/],
    ['an imported shared memory', '(import "a" "b" (memory 1 1 shared))', /a shared memory/],
    ['a 64-bit memory', '(memory i64 1)', /a 64-bit memory/],
    ['a 64-bit table', '(table i64 1 funcref)', /a 64-bit table/],
    ['a memory of small pages', '(memory 1 1 (pagesize 1))', /a memory with flags 9/],
    ['more than one memory', '(memory 1) (memory 1)', /more than one memory in a module/],
    ['an imported memory and one more', '(import "a" "b" (memory 1)) (memory 1)', /more than one memory in a module/],
    ['legacy exceptions', '(func try catch_all end)', /legacy exceptions/],
    ['stack switching', '(type $f (func)) (type (cont $f))', /a type of the form 0x5d/],
  ])('%s', async (_, fields, message) => {
    const bytes = await parseWat(`(module ${fields})`);
    await expect(compile(component(section(1, bytes)))).rejects.toMatchObject({ code: 'ERR_PLUGIN_INVALID', message });
  });

  test.each([
    ['an instruction that is not known', code(0xff), /the instruction 0xff/],
    ['one of a prefix', code(0xfc, 0x70), /the instruction 0xfc 0x70/],
    ['a vector instruction', code(0xfd, 0x94, 0x02), /the instruction 0xfd 0x114/],
    ['an atomic instruction', code(0xfe, 0x05), /the instruction 0xfe 0x5/],
    ['a string type', [section(6, [1, 0x67, 0, 0xd0, 0x67, 0x0b])], /a value of the type 0x67/],
    ['a function without an end', [...code().slice(0, 2), section(10, [1, 2, 0, 0x01])], /middle of an instruction/],
    ['an instruction over the end of its function', code(0x41).slice(0, 3), /middle of an instruction/],
  ])('%s', async (_, sections, message) => {
    await expect(compileSections(...sections)).rejects.toMatchObject({ code: 'ERR_PLUGIN_INVALID', message });
  });
});

test('instructions with immediates of every kind that every Node has are stepped over', async () => {
  await compileModule(
    `
    (type $pair (func (param i32 i64) (result i64 i32)))
    (import "a" "f" (func $f (param i32) (result i32)))
    (memory 1) (table $t 2 funcref) (data $d "abc") (elem $e func $g)
    (global $n (mut i32) (i32.const -1)) (global f64 (f64.const 0.5)) (global v128 (v128.const i64x2 1 2))
    (global funcref (ref.null func)) (global funcref (ref.func $g)) (elem declare funcref (ref.func $g) (ref.null func))
    (func $g (param $i i32) (param $l i64) (result i64 i32) (local f32 f64) (local $v v128) (local externref)
      (block (result i32) (br_table 0 0 0 (local.get $i) (local.get $i)))
      (if (result i32) (then (i32.const 1000000)) (else (call $f (i32.const -7))))
      (local.set $i)
      (loop (br_if 0 (i32.eqz (local.get $i))))
      (drop (select (result externref) (ref.null extern) (ref.null extern) (local.get $i)))
      (drop (ref.is_null (table.get $t (i32.const 0))))
      (table.set $t (i32.const 0) (ref.func $g))
      (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)) (data.drop $d)
      (memory.copy (i32.const 0) (i32.const 8) (i32.const 1)) (memory.fill (i32.const 0) (i32.const 0) (i32.const 1))
      (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 0)) (elem.drop $e)
      (table.copy $t $t (i32.const 0) (i32.const 0) (i32.const 0))
      (drop (table.grow $t (ref.null func) (i32.const 0))) (drop (table.size $t))
      (table.fill $t (i32.const 0) (ref.null func) (i32.const 0))
      (drop (i64.trunc_sat_f64_s (f64.const 1.5))) (drop (f32.const 2.5))
      (local.set $v (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (local.get $v) (v128.const i32x4 1 2 3 4)))
      (local.set $v (v128.load8_lane offset=300 3 (i32.const 0) (local.get $v)))
      (local.set $v (f64x2.replace_lane 1 (local.get $v) (f64.const 1)))
      (v128.store64_lane 1 (i32.const 0) (local.get $v))
      (local.set $v (v128.load32_zero (i32.const 0)))
      (i64.store offset=70000 align=1 (i32.const 0) (local.get $l))
      (drop (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 0) (i32.const 0))) atomic.fence
      (if (i32.const 0) (then (return_call $g (i32.const 1) (i64.const -9000000000))))
      (local.get $i) (local.get $l) (call_indirect $t (type $pair))
      (block (type $pair) (drop) (drop) (i64.const 1) (i32.const 2)) (drop) (drop)
      (i32.const 1) (i64.const 2) (i32.const 0) (return_call_indirect $t (type $pair)))`.replaceAll('\n', ' '),
  ).then(
    () => undefined,
    // Its import is not given. What is not stepped over rightly fails before that.
    (error: Error) => expect(error.message).toMatch(/missing module instantiation argument/),
  );
});
