/** Functions of the host use the memory and the allocator that they were lowered with, wherever in the component these are. */
import { parse as parseWat } from '@bytecodealliance/jco-transpile/wasm-tools';
import { compile } from '@chipmunk-host/runtime';
import { ComponentInstance, type CoreCaller } from '@chipmunk-host/runtime/internal/worker';
import { describe, expect, test } from 'vitest';

const HOST = 'test:host/texts@1.0.0';
const IMPORTS = `(import "${HOST}" (instance $texts
  (export "take" (func (param "text" string))) (export "give" (func (result string)))))`;

/** A memory and an allocator. Text stands at 8 in each, and results are put at 64. */
const memory = (name: string, text: string) => `(core module $${name}
  (memory (export "mem") 1) (data (i32.const 8) "${text}")
  (func (export "alloc") (param i32 i32 i32 i32) (result i32) (i32.const 128)))`;

/** What linked modules look like: that which calls imports its memory, and exports another by the usual name. */
const CALLER = `(core module $caller
  (import "env" "memory" (memory 1))
  (import "h" "first" (func $take (param i32 i32)))
  (import "h" "second" (func $give (param i32)))
  (func (export "run") (result i32)
    (call $take (i32.const 8) (i32.const 5))
    (call $give (i32.const 64))
    (i32.const 64)))`;

const linked = (decoy: string) => `${IMPORTS}
  ${memory('own', 'right')} ${memory('other', 'wrong')} ${CALLER}
  (core instance $other (instantiate $other))
  (core instance $own (instantiate $own))
  (alias core export $own "mem" (core memory $mem)) (alias core export $own "alloc" (core func $alloc))
  (core func $take (canon lower (func $texts "take") (memory $mem)))
  (core func $give (canon lower (func $texts "give") (memory $mem) (realloc $alloc)))
  (core instance $env (export "memory" (memory $mem)))
  (core instance $h (export "first" (func $take)) (export "second" (func $give)))
  (core instance $i (instantiate $caller (with "env" (instance $env)) (with "h" (instance $h))))
  ${decoy}
  (func $run (result string) (canon lift (core func $i "run") (memory $mem)))
  (export "run" (func $run))`;

interface Seen {
  readonly run: () => string;
  readonly direct: ReturnType<ComponentInstance['direct']>;
  readonly taken: string[];
}

async function start(wat: string): Promise<Seen> {
  const component = await compile(await parseWat(`(component ${wat})`));
  const taken: string[] = [];
  const text = (caller: CoreCaller, pointer: number, length: number) =>
    Buffer.from(caller.memory()?.buffer ?? new ArrayBuffer(0), pointer, length).toString();
  const refuse = () => {
    throw new Error('called through the bindings');
  };
  const instance = ComponentInstance.create(component, {
    imports: { 'test:host/texts': { take: refuse, give: refuse } },
    replaceCoreImport: (interfaceName, name, caller) => {
      if (interfaceName !== HOST) return undefined;
      if (name === 'take') return (at: number, length: number) => void taken.push(text(caller, at, length));
      return (result: number) => {
        const pointer = caller.realloc()?.(0, 0, 1, 5) ?? 0;
        const buffer = caller.memory()?.buffer ?? new ArrayBuffer(0);
        Buffer.from(buffer).write('given', pointer);
        new DataView(buffer).setUint32(result, pointer, true);
        new DataView(buffer).setUint32(result + 4, 5, true);
      };
    },
  });
  return { run: instance.exports.run as () => string, direct: instance.direct('run'), taken };
}

describe('a core module that imports its memory', () => {
  test('is read and written in the memory that its imports were lowered with', async () => {
    const { run, taken } = await start(linked(''));
    expect(run()).toBe('given');
    expect(taken).toEqual(['right']);
  });

  test('can be called directly, though memory and function are of different instances', async () => {
    const { direct, taken } = await start(linked(''));
    const area = direct?.call() ?? 0;
    const view = new DataView(direct?.memory.buffer ?? new ArrayBuffer(0));
    expect(Buffer.from(view.buffer, view.getUint32(area, true), 5).toString()).toBe('given');
    expect(taken).toEqual(['right']);
  });

  test('is not taken for another with exports of the same names', async () => {
    const decoy = `(core module $decoy (func (export "run") (result i32) unreachable)
        (memory (export "mem") 1))
      (core instance (instantiate $decoy))`;
    const { direct, taken } = await start(linked(decoy));
    direct?.call();
    expect(taken).toEqual(['right']);
  });
});

test('a host function that is called through a table that a later instance fills is the same', async () => {
  const { run, taken } = await start(`${IMPORTS}
    (core module $shim (table (export "$imports") 1 funcref) (type $t (func (param i32 i32)))
      (func (export "0") (param i32 i32) (call_indirect (type $t) (local.get 0) (local.get 1) (i32.const 0))))
    (core module $main (import "texts" "take" (func $take (param i32 i32)))
      (memory (export "memory") 1) (data (i32.const 8) "right\\00\\00\\00\\08\\00\\00\\00\\05\\00\\00\\00")
      (func (export "run") (result i32) (call $take (i32.const 8) (i32.const 5)) (i32.const 16)))
    (core module $fixups (import "" "$imports" (table 1 funcref)) (import "" "0" (func $take (param i32 i32)))
      (elem (i32.const 0) func $take))
    (core instance $shim (instantiate $shim))
    (core instance $main (instantiate $main
      (with "texts" (instance (export "take" (func $shim "0"))))))
    (core func $take (canon lower (func $texts "take") (memory (core memory $main "memory"))))
    (core instance (instantiate $fixups (with "" (instance
      (export "$imports" (table $shim "$imports")) (export "0" (func $take))))))
    (func $run (result string) (canon lift (core func $main "run") (memory (core memory $main "memory"))))
    (export "run" (func $run))`);
  run();
  expect(taken).toEqual(['right']);
});

describe('nested components', () => {
  const inner = (text: string) => `
    (import "texts" (instance $texts (export "take" (func (param "text" string)))))
    ${memory('own', text)}
    (core module $m (import "h" "take" (func $take (param i32 i32)))
      (func (export "go") (call $take (i32.const 8) (i32.const 5))))
    (core instance $own (instantiate $own))
    (core func $take (canon lower (func $texts "take") (memory (core memory $own "mem"))))
    (core instance $i (instantiate $m (with "h" (instance (export "take" (func $take))))))
    (func $go (canon lift (core func $i "go")))
    (export "go" (func $go))`;

  test('use their own memories, in the order in which they are instantiated', async () => {
    const { run, taken } = await start(`${IMPORTS}
      (component $a ${inner('right')}) (component $b ${inner('wrong')})
      (instance $y (instantiate $b (with "texts" (instance $texts))))
      (instance $x (instantiate $a (with "texts" (instance $texts))))
      (alias export $x "go" (func $go)) (export "run" (func $go))`);
    run();
    expect(taken).toEqual(['right']);
  });

  test('that call one another do not shift the order, though the transpiler adds modules', async () => {
    const { run, taken } = await start(`${IMPORTS}
      (component $called ${inner('right')})
      (component $calling
        (import "called" (instance $called (export "go" (func))))
        (core func $lowered (canon lower (func $called "go")))
        (core module $m (import "h" "go" (func $go)) (func (export "go") (call $go)))
        (core instance $i (instantiate $m (with "h" (instance (export "go" (func $lowered))))))
        (func $go (canon lift (core func $i "go")))
        (export "go" (func $go)))
      (component $last ${inner('final')})
      (instance $called (instantiate $called (with "texts" (instance $texts))))
      (instance $calling (instantiate $calling (with "called" (instance $called))))
      (instance $last (instantiate $last (with "texts" (instance $texts))))
      (component $both
        (import "a" (func $a)) (import "b" (func $b))
        (core func $la (canon lower (func $a))) (core func $lb (canon lower (func $b)))
        (core module $m (import "h" "a" (func $a)) (import "h" "b" (func $b)) (func (export "run") (call $a) (call $b)))
        (core instance $i (instantiate $m
          (with "h" (instance (export "a" (func $la)) (export "b" (func $lb))))))
        (func $run (canon lift (core func $i "run"))) (export "run" (func $run)))
      (alias export $calling "go" (func $a)) (alias export $last "go" (func $b))
      (instance $both (instantiate $both (with "a" (func $a)) (with "b" (func $b))))
      (alias export $both "run" (func $run)) (export "run" (func $run))`);
    run();
    expect(taken).toEqual(['right', 'final']);
  });
});
