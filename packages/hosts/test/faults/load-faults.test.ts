/** Binaries that are no plugins, or no good ones: they are refused while they are loaded, in a worker, and nothing starts. */
import { parse as parseWat } from '@bytecodealliance/jco-transpile/wasm-tools';
import { type CompileOptions, compile, type PluginError } from '@chipmunk-host/runtime';
import fc from 'fast-check';
import { beforeAll, describe, expect } from 'vitest';
import { fault, setScene } from './scene.js';
import { watPlugin } from './wat-plugin.js';

const scene = setScene();
const GIB = 1024 ** 3;
const SEED = Number(process.env.FAULT_SEED ?? 7);
const FLIPS = Number(process.env.FAULT_FLIPS ?? 8);
const CUTS = 24;

let plugin: Uint8Array;
beforeAll(async () => {
  plugin = await watPlugin({});
});

/** What comes of loading a binary and starting a session with it. */
async function load(bytes: Uint8Array, options: CompileOptions = {}): Promise<PluginError | undefined> {
  try {
    const component = await compile(bytes, options);
    return (await scene.ingest('a line\n', { component, deadlineMs: 1000, recovery: { maxRestarts: 0 } })).error;
  } catch (error) {
    return error as PluginError;
  }
}

function renamed(from: string, to: string): Uint8Array {
  const text = Buffer.from(plugin).toString('latin1');
  expect(text).toContain(from);
  return Buffer.from(text.replaceAll(from, to), 'latin1');
}

const OTHER_COMPONENT = `(component (core module $m (func (export "run") (result i32) i32.const 7))
  (core instance $i (instantiate $m))
  (func $f (result u32) (canon lift (core func $i "run"))) (export "run" (func $f)))`;

describe('a binary that is', () => {
  const KINDS: readonly [what: string, bytes: () => Uint8Array | Promise<Uint8Array>, message: RegExp][] = [
    ['empty', () => new Uint8Array(0), /is empty/],
    ['text', () => Buffer.from('2026-01-01 a log line\n'), /not WebAssembly/],
    ['a core module', () => Buffer.from('0061736d01000000', 'hex'), /core WebAssembly module/],
    ['of 2 GB', () => hugeBinary(), /2147483648 bytes; at most 268435456 are allowed/],
    ['a component with other exports', () => parseWat(OTHER_COMPONENT), /exports run; expected chipmunk:parser/],
    [
      'a plugin for an unknown API version',
      () => renamed('chipmunk:parser/parser@0.1.0', 'chipmunk:parser/parser@7.1.0'),
      /7\.1\.0/,
    ],
  ];
  for (const [what, bytes, message] of KINDS) {
    fault(scene, `${what} is refused by name`, async () => {
      const error = await load(await bytes());
      expect(error).toMatchObject({ code: 'ERR_PLUGIN_INVALID', phase: 'load' });
      expect(error?.message).toMatch(message);
    });
  }

  fault(scene, 'truncated is refused, wherever it is cut', async () => {
    for (let cut = 1; cut <= CUTS; cut++) {
      const length = Math.floor((plugin.length * cut) / (CUTS + 1));
      const error = await load(plugin.subarray(0, length));
      expect(error, `after ${length} bytes`).toMatchObject({ code: 'ERR_PLUGIN_INVALID', phase: 'load' });
    }
  });

  fault(scene, `bit-flipped is refused, fails, or works (seed ${SEED})`, async () => {
    for (const bit of fc.sample(fc.nat(plugin.length * 8 - 1), { numRuns: FLIPS, seed: SEED })) {
      const flipped = Uint8Array.from(plugin);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const error = await load(flipped);
      if (error !== undefined) expect(error.code, `bit ${bit}: ${error.message}`).toMatch(/^ERR_PLUGIN_/);
    }
  });
});

fault(scene, 'a plugin that was built with an initial memory over the cap is refused', async () => {
  const bytes = await watPlugin({ pages: 8193 });
  expect(await load(bytes)).toMatchObject({
    code: 'ERR_PLUGIN_MEMORY',
    phase: 'load',
    message: expect.stringContaining('536936448 bytes of memory; at most 536870912 are allowed'),
  });
});

describe('a plugin that cannot be made ready', () => {
  fault(scene, 'in time is given up, and this thread is free meanwhile', async () => {
    const bytes = await wideComponent(5);
    let turns = 0;
    let loading = true;
    const turn = () => {
      turns++;
      if (loading) setImmediate(turn);
    };
    setImmediate(turn);
    // No other limit is in the way: it takes a quarter of a minute where nothing else is done.
    const error = await load(bytes, { deadlineMs: 1500, limits: { glueBytes: Number.POSITIVE_INFINITY } });
    loading = false;
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_TIMEOUT', phase: 'load' });
    expect(turns).toBeGreaterThan(100);
  });

  fault(scene, 'since it explodes when it is transpiled is refused', async () => {
    const bytes = await wideComponent(1);
    expect(bytes.length).toBeLessThan(1000);
    const error = await load(bytes);
    // Not the component itself: its bindings would be all of the report.
    expect([error?.code, error?.message]).toEqual(['ERR_PLUGIN_INVALID', expect.stringMatching(/limit 'glueBytes'/)]);
  });
});

/** Zeroes that the system does not give before they are touched, behind a component's header. */
function hugeBinary(): Uint8Array {
  const bytes = new Uint8Array(2 * GIB);
  bytes.set(plugin.subarray(0, 8));
  return bytes;
}

/** Functions whose one parameter is 2^16 numbers, for each of which the bindings have a line. */
async function wideComponent(functions: number): Promise<Uint8Array> {
  const types = Array.from({ length: 16 }, (_, i) => `(type $t${i + 1} (tuple $t${i} $t${i}))`).join(' ');
  const lifted = Array.from(
    { length: functions },
    (_, i) => `(func $f${i} (param "all" $t16) (canon lift (core func $i "run") (memory (core memory $i "memory"))
      (realloc (core func $i "realloc")))) (export "run${i}" (func $f${i}))`,
  );
  return parseWat(`(component (type $t0 (tuple u32)) ${types}
    (core module $m (memory (export "memory") 1) (func (export "run") (param i32))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
    (core instance $i (instantiate $m)) ${lifted.join('\n')})`);
}
