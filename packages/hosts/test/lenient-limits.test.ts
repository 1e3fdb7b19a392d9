import { expect, test } from 'vitest';
import { LenientLimits } from '#worker/parser/lenient-limits.js';

/** How often it may be called until it throws. */
function times(call: () => void): number {
  for (let count = 0; ; count++) {
    try {
      call();
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_PLUGIN_UNRECOVERABLE' });
      return count;
    }
    if (count > 100_000) throw new Error('there is no limit');
  }
}

test('2,000 parse errors in a row are tolerated where items came before', () => {
  const limits = new LenientLimits();
  expect(times(() => limits.parseError('no', true, 0))).toBe(2000);
});

test('an item in between begins the count again', () => {
  const limits = new LenientLimits();
  for (let error = 0; error < 1500; error++) limits.parseError('no', true, error);
  limits.succeeded();
  expect(times(() => limits.parseError('no', true, 0))).toBe(2000);
});

test('1,024 bytes are dropped before the first item, and one error more is the last', () => {
  const limits = new LenientLimits();
  expect(times(() => limits.parseError('no', false, 0))).toBe(1025);
});

test("'incomplete' is tolerated 50 times in a row with full windows", () => {
  const limits = new LenientLimits();
  expect(times(() => limits.incomplete(0))).toBe(50);
});

test("at the end of the input a byte is dropped for 2,000 'incomplete' in a row", () => {
  const limits = new LenientLimits();
  const answers = Array.from({ length: 2001 }, () => limits.incompleteAtEnd());
  expect(answers.lastIndexOf(true)).toBe(1999);
  limits.succeeded();
  expect(limits.incompleteAtEnd()).toBe(true);
});
