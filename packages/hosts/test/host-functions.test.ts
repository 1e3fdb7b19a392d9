/** The functions of the host that core modules call, with numbers that no compiler would produce. */
import type { CoreCaller } from '@chipmunk-host/runtime/internal/worker';
import { describe, expect, test } from 'vitest';
import { replaceHostFunction } from '#api/v0_1_0/common/host-functions.js';

const LOGGING = 'chipmunk:shared/logging@0.1.0';
const SANDBOX = 'chipmunk:shared/sandbox@0.1.0';
const PAGE = 65_536;
const breach = expect.objectContaining({ code: 'ERR_PLUGIN_CONTRACT' });

function called(interfaceName: string, name: string, { allocated = 1024, hasRealloc = true } = {}) {
  const memory = new WebAssembly.Memory({ initial: 2 });
  const logged: string[] = [];
  const caller: CoreCaller = {
    memory: () => memory,
    realloc: () => (hasRealloc ? () => allocated : undefined),
  };
  const context = {
    log: (level: string, message: string) => logged.push(`${level} ${message}`),
    tempDirectory: () => '/tmp/of/it',
    lastLines: () => [],
    wasi: undefined,
  };
  const replaced = replaceHostFunction(context, interfaceName, name, caller);
  return { call: replaced as unknown as (...args: number[]) => void, memory, logged };
}

describe('log', () => {
  test('passes on a line, and of one that is longer than 64 KiB the beginning', () => {
    const { call, memory, logged } = called(LOGGING, 'log');
    new Uint8Array(memory.buffer).fill(0x61);
    call(0, 10, 3);
    call(0, 0, PAGE + 1);
    expect(logged).toEqual(['error aaa', `error ${'a'.repeat(PAGE)}`]);
  });

  test('takes a line that ends with the memory, and none that goes beyond it', () => {
    const { call, logged } = called(LOGGING, 'log');
    call(0, 2 * PAGE - 1, 1);
    expect(logged).toHaveLength(1);
    for (const [pointer, length] of [
      [2 * PAGE - 1, 2],
      [2 * PAGE + 1, 0],
      [-1, 1],
      [0, -1],
    ] as const)
      expect(() => call(0, pointer, length)).toThrow(breach);
    expect(logged).toHaveLength(1);
  });

  test.each([5, -1, 100])('refuses the level %i', (level) => {
    expect(() => called(LOGGING, 'log').call(level, 0, 0)).toThrow(breach);
  });
});

describe('temp-directory', () => {
  test('writes the path where the plugin allocates it', () => {
    const { call, memory } = called(SANDBOX, 'temp-directory');
    call(16);
    const view = new DataView(memory.buffer);
    expect([view.getUint8(16), view.getUint32(20, true), view.getUint32(24, true)]).toEqual([0, 1024, 10]);
    expect(Buffer.from(memory.buffer, 1024, 10).toString()).toBe('/tmp/of/it');
  });

  test.each([
    ['an allocation at the end of the memory', { allocated: 2 * PAGE - 9 }, 16],
    ['an allocation beyond the memory', { allocated: -1 }, 16],
    ['a result at the end of the memory', {}, 2 * PAGE - 11],
    ['no allocator', { hasRealloc: false }, 16],
  ])('is refused with %s', (_, options, result) => {
    expect(() => called(SANDBOX, 'temp-directory', options).call(result)).toThrow(breach);
  });
});
