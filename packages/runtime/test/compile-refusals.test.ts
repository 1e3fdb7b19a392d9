/** Valid components of which no plugin can be made: what they have that is not taken is named. */
import { parse as parseWat } from '@bytecodealliance/jco-transpile/wasm-tools';
import { compile } from '@chipmunk-host/runtime';
import { describe, expect, test } from 'vitest';
import { transpile } from '#worker/compile/transpile.js';
import { DEFAULT_LIMITS } from '../src/shared/component/component-limits.js';
import { component, section } from './component-bytes.js';

const CORE = `(core module $m (memory (export "memory") 1) (func (export "run")))
  (core instance $i (instantiate $m))`;
const memory = '(memory (core memory $i "memory"))';

describe('asynchronous components are refused by what they use', () => {
  test.each([
    ['task.return', '(core func (canon task.return (result u32)))'],
    ['task.cancel', '(core func (canon task.cancel))'],
    ['backpressure.inc', '(core func (canon backpressure.inc))'],
    ['context.get', '(core func (canon context.get i32 0))'],
    ['thread.yield', '(core func (canon thread.yield))'],
    ['subtask.drop', '(core func (canon subtask.drop))'],
    ['stream.new', '(type $s (stream u8)) (core func (canon stream.new $s))'],
    ['stream.read', `(type $s (stream u8)) (core func (canon stream.read $s async ${memory}))`],
    ['future.new', '(type $f (future u8)) (core func (canon future.new $f))'],
    ['future.drop-writable', '(type $f (future u8)) (core func (canon future.drop-writable $f))'],
    ['error-context.new', `(core func (canon error-context.new ${memory}))`],
    ['error-context.drop', '(core func (canon error-context.drop))'],
    ['waitable-set.wait', `(core func (canon waitable-set.wait ${memory}))`],
    ['waitable.join', '(core func (canon waitable.join))'],
    ['thread.index', '(core func (canon thread.index))'],
  ])('the built-in function %s', async (name, definition) => {
    await expect(compile(await parseWat(`(component ${CORE} ${definition})`))).rejects.toMatchObject({
      code: 'ERR_PLUGIN_INVALID',
      message: expect.stringContaining(`uses the built-in function ${name} (in its section of canonical definitions)`),
      help: expect.stringContaining('without the component model'),
    });
  });

  test('a function that is lifted with the option async', async () => {
    const text = `(component ${CORE} (func $f async (canon lift (core func $i "run") async)) (export "run" (func $f)))`;
    await expect(compile(await parseWat(text))).rejects.toThrow(/a function that is lifted with the option async/);
  });

  test('a nested one too', async () => {
    const text = `(component (component ${CORE} (core func (canon task.cancel))))`;
    await expect(compile(await parseWat(text))).rejects.toThrow(/the built-in function task\.cancel/);
  });

  test.each([
    ['a built-in that is not known', [1, 0x7e], /a canonical definition of kind 0x7e/],
    ['an option that is not known', [1, 0x01, 0x00, 0, 1, 0x30], /lowered with option 0x30/],
  ])('%s', async (_, canons, message) => {
    await expect(compile(component(section(8, canons)))).rejects.toMatchObject({ code: 'ERR_PLUGIN_INVALID', message });
  });
});

const CAPITALS = `(component ${CORE} (func $f (canon lift (core func $i "run"))) (export "GET-URL" (func $f)))`;

test('a name of which the transpiler makes no bindings is named', async () => {
  await expect(compile(await parseWat(CAPITALS))).rejects.toMatchObject({
    code: 'ERR_PLUGIN_INVALID',
    message: expect.stringContaining("exports 'GET-URL', a name with capital letters"),
  });
});

test('where the transpiler panics, and why, is in the message', async () => {
  // It is refused before by its name; whatever else makes the transpiler panic is not known.
  await expect(transpile(await parseWat(CAPITALS), DEFAULT_LIMITS)).rejects.toMatchObject({
    code: 'ERR_PLUGIN_INVALID',
    message: expect.stringMatching(
      /^The component has something of which the transpiler \(@bytecodealliance\/jco-transpile@[\d.]+\) can make no bindings: it failed at \w+\.rs:\d+ with '.*GET-URL.*'\.$/,
    ),
    help: expect.stringContaining('Build the plugin with'),
  });
});
