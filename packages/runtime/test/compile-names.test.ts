import { parse as parseWat } from '@bytecodealliance/jco-transpile/wasm-tools';
import { compile } from '@chipmunk-host/runtime';
import { describe, expect, test } from 'vitest';
import { component, coreModule, section } from './component-bytes.js';

/** WAT with the hostile name in each place that has one. The transpiler itself lets the first three into the bindings. */
const PLACES: Record<string, (name: string) => string> = {
  'core export': (name) => `
    (core module $m (func (export ${name}) (result i32) i32.const 1))
    (core instance $i (instantiate $m))
    (func $f (result u32) (canon lift (core func $i ${name})))
    (export "run" (func $f))`,
  'core import': (name) => `
    (import "f" (func $g)) (core func $l (canon lower (func $g)))
    (core module $m (import "env" ${name} (func)))
    (core instance $e (export ${name} (func $l)))
    (core instance $i (instantiate $m (with "env" (instance $e))))`,
  'module of a core import': (name) => `
    (import "f" (func $g)) (core func $l (canon lower (func $g)))
    (core module $m (import ${name} "run" (func)))
    (core instance $e (export "run" (func $l)))
    (core instance $i (instantiate $m (with ${name} (instance $e))))`,
  'core export in a nested component': (name) => `
    (component $c (core module $m (func (export ${name}) (result i32) i32.const 1)) (core instance $i (instantiate $m)))
    (instance (instantiate $c))`,
  'core export in a module that is not used': (name) => `(core module $m (func (export ${name})))`,
  'inline export of a core instance': (name) => `
    (import "f" (func $g)) (core func $l (canon lower (func $g)))
    (core instance $e (export ${name} (func $l)))`,
  'argument of a core instance': (name) => `
    (core module $m) (core instance $e)
    (core instance $i (instantiate $m (with ${name} (instance $e))))`,
  'alias of a core export': (name) => `
    (core module $m (func (export ${name})))
    (core instance $i (instantiate $m)) (alias core export $i ${name} (core func $f))`,
  'imported function': (name) => `(import ${name} (func))`,
  'imported instance': (name) => `(import ${name} (instance (export "f" (func))))`,
  'second export': (name) => `(import "f" (func $f)) (export "run" (func $f)) (export ${name} (func $f))`,
  'function of an imported instance': (name) => `(import "a:b/c" (instance (export ${name} (func))))`,
  'alias of an export': (name) => `
    (import "a:b/c" (instance $i (export ${name} (func)))) (alias export $i ${name} (func $f))`,
  'export of a nested component': (name) => `
    (component $c (import "f" (func $f)) (export ${name} (func $f)))`,
  'argument of an instance': (name) => `
    (import "f" (func $f)) (component $c) (instance (instantiate $c (with ${name} (func $f))))`,
  'inline export of an instance': (name) => `(import "f" (func $f)) (instance (export ${name} (func $f)))`,
  'record field': (name) => `(type (record (field ${name} u32)))`,
  'variant case': (name) => `(type (variant (case "none") (case ${name} u32)))`,
  'enum case': (name) => `(type (enum ${name}))`,
  flag: (name) => `(type (flags "bold" ${name}))`,
  parameter: (name) => `(import "f" (func (param "a" u32) (param ${name} u32)))`,
  resource: (name) => `(import "a:b/c" (instance (export ${name} (type (sub resource)))))`,
  'declaration of a component type': (name) => `(type (component (import ${name} (func))))`,
  'type within a type': (name) => `(type (instance (type (record (field ${name} u32)))))`,
};

const HOSTILE = [`a'],globalThis.hostile=1,exports0['a`, 'a`;globalThis.hostile=1;`', '*/globalThis.hostile=1/*'];

const quoted = (name: string) =>
  `"${name.replace(/["\\\n]/g, (character) => `\\${character.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;

describe('a hostile name', () => {
  const cases = Object.entries(PLACES).map(
    ([place, wat], i) => [place, HOSTILE[i % HOSTILE.length] ?? '', wat] as const,
  );
  test.each(cases)('as %s (%j) is refused before there are bindings', async (_, name, wat) => {
    const bytes = await parseWat(`(component ${wat(quoted(name))})`);
    await expect(compile(bytes)).rejects.toMatchObject({
      code: 'ERR_PLUGIN_INVALID',
      message: expect.stringContaining('name that is not allowed'),
    });
    expect(globalThis).not.toHaveProperty('hostile');
  });

  test.each(['a"b', 'a\\', 'a\nb', 'a{b}', 'a\u2028b', '\u0430bc', '__proto__'])(
    'as core export, %j is refused',
    async (name) => {
      const bytes = await parseWat(`(component (core module (func (export ${quoted(name)}))))`);
      await expect(compile(bytes)).rejects.toThrow(/name that is not allowed/);
    },
  );

  test.each([
    'url=<https://a.example/b>',
    'unlocked-dep=<a:b>',
    'integrity=<sha256-aaaa>',
    'a_b',
    'a:b/c@1.0.0"',
    '[method]',
    '9a',
  ])('as import, %j is refused', async (name) => {
    const bytes = await parseWat(`(component (import "ok" (func)) (import ${quoted(name)} (instance)))`);
    await expect(compile(bytes)).rejects.toThrow(/name that is not allowed/);
  });

  test('that is not UTF-8 is refused', async () => {
    const exported = section(7, [1, 2, 0xc3, 0x28, 0, 0]);
    await expect(compile(component(section(1, coreModule(exported))))).rejects.toThrow(/name that is not allowed/);
  });

  test('in a custom section does not get into the bindings', async () => {
    const custom = section(0, [0, ...Buffer.from("'];globalThis.hostile=1;//")]);
    const named = section(0, [HOSTILE[0]?.length ?? 0, ...Buffer.from(HOSTILE[0] ?? '')]);
    const { glue } = await compile(component(custom, named, section(1, coreModule(named, custom))));
    expect(glue).not.toContain('hostile');
  });
});

describe('names of which no bindings can be made', () => {
  test.each(['arguments', 'module0'])('make %j an invalid component', async (name) => {
    const bytes = await parseWat(`(component
      (import "a:b/c" (instance $x (export "${name}" (func)))) (alias export $x "${name}" (func $g))
      (core func $l (canon lower (func $g)))
      (core module $m (import "e" "f" (func))) (core instance $e (export "f" (func $l)))
      (core instance $i (instantiate $m (with "e" (instance $e)))))`);
    await expect(compile(bytes)).rejects.toMatchObject({
      code: 'ERR_PLUGIN_INVALID',
      message: expect.stringContaining('no bindings can be made'),
    });
  });
});
