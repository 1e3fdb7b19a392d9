import { Window } from '@chipmunk-host/hosts/internal/worker';
import { describe, expect, test } from 'vitest';

const KIB = 1024;
const FULL = 10 * KIB * KIB;
const options = { bytes: FULL, hardMaxBytes: 256 * KIB * KIB };

function times(count: number, act: () => void): void {
  for (let i = 0; i < count; i++) act();
}

describe('the window', () => {
  test('is full as long as its plugin uses an eighth of it', () => {
    const window = new Window(options);
    times(100, () => window.used(window.bytes / 8, window.bytes));
    expect(window).toMatchObject({ bytes: FULL, shortened: false });
  });

  test('is shortened only after three calls in a row that used less', () => {
    const window = new Window(options);
    times(2, () => window.used(1, window.bytes));
    window.used(window.bytes / 4, window.bytes);
    times(2, () => window.used(1, window.bytes));
    expect(window.bytes).toBe(FULL);
    window.used(1, window.bytes);
    expect(window).toMatchObject({ bytes: FULL / 4, shortened: true });
  });

  test('is never shorter than 64 KiB where items are found, nor than 4 KiB between them', () => {
    const window = new Window(options);
    times(100, () => window.used(1, window.bytes));
    expect(window.bytes).toBe(64 * KIB);
    times(100, () => window.foundNothing());
    expect(window.bytes).toBe(4 * KIB);
    window.used(1, window.bytes);
    expect(window.bytes).toBe(64 * KIB);
  });

  test('is lengthened again, up to what it was, where half of it is used', () => {
    const window = new Window(options);
    times(6, () => window.used(1, window.bytes));
    expect(window.bytes).toBe(FULL / 16);
    window.used(window.bytes / 2 - 1, window.bytes);
    expect(window.bytes).toBe(FULL / 16);
    const lengths = [1, 2, 3, 4, 5].map(() => {
      window.used(window.bytes / 2, window.bytes);
      return window.bytes;
    });
    expect(lengths).toEqual([FULL / 8, FULL / 4, FULL / 2, FULL, FULL]);
  });

  test('is never longer than was asked for to begin with', () => {
    const window = new Window({ bytes: 100, hardMaxBytes: 1000 });
    times(100, () => window.foundNothing());
    times(100, () => window.used(1, window.bytes));
    expect(window).toMatchObject({ bytes: 100, shortened: false });
  });

  test('grows for one long item up to the hard maximum, and comes back', () => {
    const window = new Window({ bytes: 100, hardMaxBytes: 350 });
    expect([window.grow(), window.bytes, window.grow(), window.bytes, window.grow()]).toEqual([
      true,
      200,
      true,
      350,
      false,
    ]);
    times(4, () => window.used(window.bytes, window.bytes));
    expect(window.bytes).toBe(100);
  });
});
