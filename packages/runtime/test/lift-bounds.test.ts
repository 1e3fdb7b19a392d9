import { describe, expect, test } from 'vitest';
import { LiftBounds, MAX_TEXT_BYTES, OversizedText } from '#worker/instance/lift-bounds.js';

const LIMITS = { call: 'parse', textBytes: 10 * MAX_TEXT_BYTES, elements: 100, listBytes: 1000 };
const breach = expect.objectContaining({ code: 'ERR_PLUGIN_CONTRACT' });

function text(byteLength: number): Uint8Array {
  return new Uint8Array(byteLength).fill(0x61);
}

describe('what one call through the bindings may make', () => {
  test('a text of 4 MiB, and of one that is longer the beginning', () => {
    const bounds = new LiftBounds();
    const { decode } = bounds.decoder('utf-8');
    bounds.within(LIMITS, () => {
      expect(decode(text(MAX_TEXT_BYTES))).toHaveLength(4 * 1024 * 1024);
      expect(bounds.hasOversized).toBe(false);
      const oversized = decode(text(MAX_TEXT_BYTES + 1)) as OversizedText;
      expect(oversized).toBeInstanceOf(OversizedText);
      expect(oversized).toMatchObject({ byteLength: MAX_TEXT_BYTES + 1, head: 'a'.repeat(64 * 1024) });
      expect(bounds.hasOversized).toBe(true);
    });
  });

  test('so many bytes of all texts together, anew for each call', () => {
    const bounds = new LiftBounds();
    const { decode } = bounds.decoder('utf-8');
    const limits = { ...LIMITS, textBytes: 20 };
    for (let call = 0; call < 2; call++)
      bounds.within(limits, () => {
        expect(decode(text(20))).toHaveLength(20);
        expect(decode(text(1))).toBeInstanceOf(OversizedText);
      });
  });

  test('so many elements of all lists together', () => {
    const bounds = new LiftBounds();
    bounds.within(LIMITS, () => {
      expect(bounds.elements(60)).toBe(60);
      expect(bounds.elements(40)).toBe(40);
      expect(() => bounds.elements(1)).toThrow(breach);
    });
  });

  test('so many bytes of lists of numbers', () => {
    const bounds = new LiftBounds();
    const { buffer } = text(2000);
    bounds.within(LIMITS, () => {
      expect(bounds.copy(buffer as ArrayBuffer, 500, 1500).byteLength).toBe(1000);
      expect(() => bounds.copy(buffer as ArrayBuffer, 0, 1)).toThrow(breach);
    });
  });

  test('and outside of a call 100,000 elements', () => {
    const bounds = new LiftBounds();
    expect(bounds.elements(100_000)).toBe(100_000);
    expect(() => bounds.elements(1)).toThrow(breach);
  });
});
