import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, print } from '@bytecodealliance/jco-transpile/wasm-tools';
import { compile } from '@chipmunk-host/runtime';
import { ComponentInstance, PluginContractError, PluginExit } from '@chipmunk-host/runtime/internal/worker';
import { WasiHost } from '@chipmunk-host/runtime/internal/worker/wasi';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RESULT, WasiCalls } from './wasi-calls.js';

const SINKS = { onOutput: () => {}, onOutputDropped: () => {} };
const EVERYTHING = join(import.meta.dirname, 'fixtures', 'wasi-everything.wasm');

interface CoreImport {
  readonly module: string;
  readonly name: string;
  readonly params: readonly string[];
  readonly results: readonly string[];
}

let directory: string;
beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'wasi-test-')));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Every core function of WASI 0.2.12, with the types that the component tools gave it. */
async function everyImport(): Promise<CoreImport[]> {
  const text = await print(await readFile(EVERYTHING));
  const [core = ''] = text.match(/\(core module \$main[\s\S]*?\n {2}\)\n/) ?? [];
  const types = [...core.matchAll(/\(type \(;\d+;\) \(func(?: \(param ([^)]*)\))?(?: \(result ([^)]*)\))?\)\)/g)].map(
    ([, params, results]) => ({ params: params?.split(' ') ?? [], results: results?.split(' ') ?? [] }),
  );
  return [...core.matchAll(/\(import "([^"]*)" "([^"]*)" \(func \(;\d+;\) \(type (\d+)\)/g)].map(
    ([, module = '', name = '', type]) => ({
      module: module.replace('cm32p2|', ''),
      name,
      ...(types[Number(type)] ?? { params: [], results: [] }),
    }),
  );
}

test('every function of WASI 0.2.12 is there, with as many parameters as it has', async () => {
  const imports = await everyImport();
  expect(imports.length).toBe(204);
  const host = new WasiHost({}, {}, SINKS);
  const memory = new WebAssembly.Memory({ initial: 1 });
  const caller = { memory: () => memory, realloc: () => undefined };
  for (const { module, name, params } of imports) {
    const { length } = host.replaceCoreImport(module, name, caller) ?? { length: -1 };
    const label = `${module} ${name}`;
    // Those that only refuse do not look at what they are given.
    if (/sockets|http|utc-offset/.test(label)) expect(length, label).toBeLessThanOrEqual(params.length);
    else expect(length, label).toBe(params.length);
    expect(host.replaceCoreImport(module, name, caller), label).not.toThrow(/does not have/);
  }
});

test('the bindings start with all of WASI imported and nothing of it behind them', async () => {
  const component = await compile(await readFile(EVERYTHING));
  const host = new WasiHost({}, {}, SINKS);
  expect(component.imports.filter((name) => !WasiHost.supports(name))).toEqual([]);
  const instance = ComponentInstance.create(component, {
    imports: host.bindingsImports(component.imports),
    replaceCoreImport: (module, name, caller) => host.replaceCoreImport(module, name, caller),
  });
  expect(instance.exports.run).toBeTypeOf('function');
  host.close();
});

test('a core module that imports WASI by a name of its own gets the function', async () => {
  const component = await compile(
    await parse(`(component
      (import "wasi:random/random@0.2.0" (instance $random (export "get-random-u64" (func (result u64)))))
      (core func $lowered (canon lower (func $random "get-random-u64")))
      (core module $m
        (import "mine" "u64" (func $u64 (result i64)))
        (func (export "run") (result i64) (call $u64)))
      (core instance $i (instantiate $m (with "mine" (instance (export "u64" (func $lowered))))))
      (func $f (result u64) (canon lift (core func $i "run")))
      (export "run" (func $f)))`),
  );
  const host = new WasiHost({}, {}, SINKS);
  const { exports } = ComponentInstance.create(component, {
    imports: host.bindingsImports(component.imports),
    replaceCoreImport: (module, name, caller) => host.replaceCoreImport(module, name, caller),
  });
  expect((exports.run as () => bigint)()).toBeTypeOf('bigint');
});

test.each([
  ['wasi:io/streams@0.2.0', true],
  ['wasi:io/streams@0.2', true],
  ['wasi:sockets/tcp@0.2.99', true],
  ['wasi:io/streams@0.3.0', false],
  ['wasi:io/streams@0.2.0-rc-2023-11-10', false],
  ['wasi:keyvalue/store@0.2.0', false],
  ['chipmunk:shared/logging@0.1.0', false],
  ['wasi:io/streams', false],
])('%s is supported: %s', (name, expected) => {
  expect(WasiHost.supports(name)).toBe(expected);
});

test('a function that a later version adds may be imported, and ends the plugin when it is called', () => {
  const wasi = new WasiCalls();
  for (const name of ['get-fortune', 'constructor', '__proto__', 'toString'])
    expect(() => wasi.call('wasi:random/random@0.2.99', name)).toThrow(PluginContractError);
});

test('random calls end in an answer of the right type or in an error that blames the plugin', async () => {
  const imports = await everyImport();
  await writeFile(join(directory, 'file'), 'content');
  const hostPath = join(directory, 'granted');
  const wasi = new WasiCalls(
    { temporaryDirectory: { guestPath: '/t', hostPath }, clock: { unixMs: 0 }, randomSeed: 1 },
    { handles: 40, openFiles: 10, randomBytes: 10_000, readBytes: 10_000, sleepMs: 1 },
  );
  let seed = 20_250_101;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const [pathAt, pathBytes] = wasi.text('a/../b');
  const i32s = [
    () => random(12),
    () => RESULT,
    () => RESULT + 512,
    () => pathAt,
    () => random(pathBytes),
    () => -1,
    () => random(2 ** 32) | 0,
  ];
  const i64s = [() => BigInt(random(100)), () => -1n, () => 2n ** 63n, () => BigInt(random(2 ** 32))];
  const pick = <T>(from: readonly (() => T)[]) => (from[random(from.length)] ?? from[0])?.() as T;
  for (let i = 0; i < 40_000; i++) {
    const { module, name, params, results } = imports[random(imports.length)] as CoreImport;
    const args = params.map((type) => (type === 'i64' ? pick(i64s) : pick(i32s)));
    // Mostly a place where results fit, so that calls get further.
    if (args.length > 0 && typeof args.at(-1) === 'number' && random(3) > 0) args[args.length - 1] = RESULT;
    let answer: unknown;
    try {
      answer = wasi.call(module, name, ...args);
    } catch (error) {
      const isBlame = error instanceof PluginContractError || error instanceof PluginExit;
      if (!isBlame) throw new Error(`${module} ${name} (${args.join(', ')})`, { cause: error });
      continue;
    }
    if (results.length > 0) expect(typeof answer, `${module} ${name}`).toBe(results[0] === 'i64' ? 'bigint' : 'number');
  }
  wasi.host.close();
  expect((await readdir(directory)).sort()).toEqual(['file', 'granted']);
  expect(await readFile(join(directory, 'file'), 'utf8')).toBe('content');
});
