import { expect, test } from 'vitest';
import { instantiateReadAndWrite, WalkStatus } from '#api/v0_1_0/lifter/lifter-modules.js';

/** Those of the functions that `walk` calls which JavaScript can call, too. */
interface Callable {
  row(kind: number, used: number): number;
  upTo7(bytes: number, rowKind: number, used: number, word: bigint): number;
  upTo15(bytes: number, rowKind: number, used: number, first: bigint, last: bigint): number;
}

test('the module that writes refuses what does not fit the tables it laid out', () => {
  const shared = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const { write } = instantiateReadAndWrite(new WebAssembly.Memory({ initial: 1 }), shared);
  const { row, upTo7, upTo15 } = write as unknown as Callable;
  const bytes = new Uint8Array(shared.buffer);
  const begin = (slotBytes: number) => write.begin(64, slotBytes, 88, 0, 1, 1, 1, 1, 5, 0, 0, 0, 5, 0, 1, 0, 0);
  expect(begin(300)).toBe(0);
  expect(bytes.every((byte) => byte === 0)).toBe(true);

  expect(begin(1024)).toBe(1);
  expect(write.end()).toBe(0);
  expect(upTo7(6, 0, 0, 0n)).toBe(WalkStatus.disagrees);
  expect(upTo15(15, 0, 0, 0n, 0n)).toBe(WalkStatus.disagrees);
  expect(upTo7(5, 1, 5, 0x6162636465n)).toBe(WalkStatus.done);
  expect(upTo7(0, 0, 0, 0n)).toBe(WalkStatus.disagrees);
  expect(row(1, 1)).toBe(WalkStatus.disagrees);
  expect(write.end()).toBeGreaterThan(100);
});
