import { describe, expect, test } from 'vitest';
import { SourceLadder } from '#worker/recovery/source-ladder.js';

const OPTIONS = { maxRestarts: 1000, restartWindowMs: 60_000, narrowingMs: 30_000, maxGapsInRow: 10 };

describe('the ladder of a byte-source', () => {
  test('a first failure leaves reads as they were', () => {
    const ladder = new SourceLadder(OPTIONS);
    expect(ladder.failed(100, 1000, 0)).toBe(true);
    expect(ladder.lengthAt(100, 4096)).toBe(1000);
  });

  test('a stretch that fails again is read in quarters', () => {
    const ladder = new SourceLadder(OPTIONS);
    let asked = 1024;
    ladder.failed(0, asked, 0);
    for (const shorter of [256, 64, 16, 4, 1]) {
      expect(ladder.failed(0, asked, 0)).toBe(true);
      asked = ladder.lengthAt(0, 4096);
      expect(asked).toBe(shorter);
    }
  });

  test('a single byte that fails twice is the end', () => {
    const ladder = new SourceLadder(OPTIONS);
    expect(ladder.failed(7, 1, 0)).toBe(true);
    expect(ladder.failed(7, 1, 0)).toBe(false);
  });

  test('a search that takes as long as it may is the end', () => {
    const ladder = new SourceLadder(OPTIONS);
    expect(ladder.failed(0, 1024, 0)).toBe(true);
    expect(ladder.failed(0, 1024, 29_999)).toBe(true);
    expect(ladder.failed(0, 256, 30_000)).toBe(false);
  });

  test('another stretch has its own time', () => {
    const ladder = new SourceLadder(OPTIONS);
    expect(ladder.failed(0, 1024, 0)).toBe(true);
    expect(ladder.failed(5000, 1024, 40_000)).toBe(true);
  });

  test('what was delivered is forgotten, unless it is read again', () => {
    for (const readAgain of [false, true]) {
      const ladder = new SourceLadder(OPTIONS);
      ladder.failed(0, 1024, 0);
      ladder.failed(0, 1024, 0);
      ladder.passed(1024, readAgain);
      expect(ladder.lengthAt(0, 4096)).toBe(readAgain ? 256 : 4096);
    }
  });

  test('fresh instances are counted', () => {
    const ladder = new SourceLadder({ ...OPTIONS, maxRestarts: 2 });
    expect([0, 1, 2].map((at) => ladder.failed(at * 1000, 10, at))).toEqual([true, true, false]);
  });
});
