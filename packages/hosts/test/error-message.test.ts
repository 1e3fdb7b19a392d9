import { expect, test } from 'vitest';
import { cutMessage, decodeMessage } from '#api/v0_1_0/common/error-message.js';

const MOST = 16 * 1024;

test('a message of 16 KiB is passed on whole, one that is longer is cut there and says how long it was', () => {
  const whole = 'a'.repeat(MOST);
  expect(decodeMessage(Buffer.from(whole))).toBe(whole);
  expect(cutMessage(whole)).toBe(whole);
  const cut = `${whole} … (${MOST + 1} bytes)`;
  expect(decodeMessage(Buffer.from(`${whole}b`))).toBe(cut);
  expect(cutMessage(`${whole}b`)).toBe(cut);
});

test('a message is not cut in the middle of a character', () => {
  const text = `${'a'.repeat(MOST - 1)}ü`;
  expect(decodeMessage(Buffer.from(`${text}b`))).toBe(`${'a'.repeat(MOST - 1)} … (${MOST + 2} bytes)`);
});
