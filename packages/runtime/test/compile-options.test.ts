import { parse as parseWat } from '@bytecodealliance/jco-transpile/wasm-tools';
import { compile } from '@chipmunk-host/runtime';
import { beforeEach, describe, expect, test } from 'vitest';

let unique = 0;
let bytes: Uint8Array;
beforeEach(async () => {
  unique++;
  bytes = await parseWat(`(component (core module $m (memory 1) (func (export "run") (result i32) i32.const ${unique}))
    (core instance $i (instantiate $m))
    (func $f (result u32) (canon lift (core func $i "run"))) (export "run" (func $f)))`);
});

describe('the same bytes', () => {
  test('with other caps are compiled for themselves', async () => {
    const [wide, narrow, again] = await Promise.all([
      compile(bytes),
      compile(bytes, { memoryBytes: 1 << 20 }),
      compile(bytes, { memoryBytes: 1 << 20 }),
    ]);
    expect(narrow).not.toBe(wide);
    expect(again).toBe(narrow);
    expect(narrow.hash).toBe(wide.hash);
    await expect(compile(bytes, { memoryBytes: 1 })).rejects.toMatchObject({ code: 'ERR_PLUGIN_MEMORY' });
  });

  test('with another limit are checked against that', async () => {
    await compile(bytes);
    await expect(compile(bytes, { limits: { glueBytes: 10 } })).rejects.toThrow(/limit 'glueBytes'/);
  });

  test('go on compiling for one caller when another has no more patience', async () => {
    const controller = new AbortController();
    const patient = compile(bytes);
    const hurried = compile(bytes, { deadlineMs: 1 });
    const aborted = compile(bytes, { signal: controller.signal });
    controller.abort(new Error('not needed any more'));
    const [end, late, gone] = await Promise.allSettled([patient, hurried, aborted]);
    expect(end).toMatchObject({ status: 'fulfilled', value: { exports: ['run'] } });
    expect(late).toMatchObject({ reason: { code: 'ERR_PLUGIN_TIMEOUT', phase: 'load' } });
    expect(gone).toMatchObject({ reason: new Error('not needed any more') });
  });

  test('may change once compile has taken them', async () => {
    const own = new Uint8Array(bytes);
    const pending = compile(own);
    own.fill(0);
    expect(await pending).toBe(await compile(bytes));
  });

  test('are left with the caller', async () => {
    await compile(bytes);
    expect(bytes.length).toBeGreaterThan(0);
  });
});

describe('a signal', () => {
  test('that was aborted before is seen before anything is done', async () => {
    await expect(compile(bytes, { signal: AbortSignal.abort('never mind') })).rejects.toBe('never mind');
  });

  test('ends a compilation that nobody else waits for, which can be begun again', async () => {
    const controller = new AbortController();
    const pending = compile(bytes, { signal: controller.signal });
    controller.abort();
    await expect(pending).rejects.toMatchObject({ name: 'AbortError' });
    await expect(compile(bytes)).resolves.toBeDefined();
  });
});

test('without limits a component is compiled for as long as it takes', async () => {
  const unlimited = Number.POSITIVE_INFINITY;
  const limits = {
    deadlineMs: unlimited,
    maxBytes: unlimited,
    memoryBytes: unlimited,
    tableElements: unlimited,
    compilerHeapMiB: unlimited,
  };
  const component = await compile(bytes, limits);
  expect(component).toMatchObject({ exports: ['run'], memoryBytes: unlimited });
  // Other caps make another component of the same bytes.
  expect(await compile(bytes, { ...limits, memoryBytes: 1 << 20 })).not.toBe(component);
});

test('where tables may have no elements, a component with some is refused', async () => {
  const withTable =
    await parseWat(`(component (core module $m (table 1 funcref) (func (export "run") (result i32) i32.const 1))
    (core instance $i (instantiate $m))
    (func $f (result u32) (canon lift (core func $i "run"))) (export "run" (func $f)))`);
  const none = { tableElements: 0 };
  await expect(compile(bytes, none)).resolves.toMatchObject({ exports: ['run'] });
  await expect(compile(withTable, none)).rejects.toMatchObject({
    code: 'ERR_PLUGIN_MEMORY',
    message: 'The plugin starts with 1 elements in tables; at most 0 are allowed.',
  });
});

// Node 22 and 24 end the process when they start a thread with so little.
test.each([0.5, 1, 7])('a heap of %d MiB for the compiler is refused', async (compilerHeapMiB) => {
  await expect(compile(bytes, { compilerHeapMiB })).rejects.toMatchObject({
    code: 'ERR_INVALID_OPTION',
    message: `The option compilerHeapMiB is ${compilerHeapMiB}; expected a whole number from 8 to 2147483647, or Infinity for no limit.`,
  });
});

test('a component that is refused harms no other that is compiled at the same time', async () => {
  const refused = await parseWat(`(component (core module $m (func (export "run") (result i32) i32.const 1))
    (core instance $i (instantiate $m))
    (func $f (result u32) (canon lift (core func $i "run"))) (export "HTTP" (func $f)))`);
  const [invalid, healthy] = await Promise.allSettled([compile(refused), compile(bytes)]);
  expect(invalid).toMatchObject({
    reason: {
      code: 'ERR_PLUGIN_INVALID',
      message: expect.stringContaining("exports 'HTTP', a name with capital letters"),
    },
  });
  expect(healthy).toMatchObject({ value: { exports: ['run'] } });
});
