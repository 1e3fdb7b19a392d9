import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RecoveryLadder, type RecoveryStep } from '#worker/recovery/recovery-ladder.js';

const OPTIONS = { maxRestarts: 1000, restartWindowMs: 60_000, narrowingMs: 30_000, maxGapsInRow: 10 };

/** Plays a plugin that fails on slices of `failsFrom` bytes or more at one position, and wants more of shorter ones. */
function play(ladder: RecoveryLadder, sliceBytes: number, failsFrom: number): RecoveryStep[] {
  const steps = [ladder.failed(7, sliceBytes, 0)];
  for (let step = steps[0]; step !== undefined && step.kind !== 'gap' && step.kind !== 'give-up'; ) {
    const bytes = step.kind === 'probe' ? step.bytes : sliceBytes;
    step = bytes >= failsFrom ? ladder.failed(7, bytes, 0) : ladder.passed(bytes, 0);
    if (step !== undefined) steps.push(step);
  }
  return steps;
}

describe('recovery ladder', () => {
  test('the first failure at a position is tried again as it was', () => {
    const ladder = new RecoveryLadder(OPTIONS);
    expect(ladder.failed(0, 100, 0)).toEqual({ kind: 'retry' });
    ladder.progressed();
    expect(ladder.failed(50, 100, 0)).toEqual({ kind: 'retry' });
  });

  test('the gap is the shortest slice that fails, found in as many steps as it has binary digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), fc.nat(10_000_000), (sliceBytes, more) => {
        const failsFrom = 1 + (more % sliceBytes);
        const steps = play(new RecoveryLadder(OPTIONS), sliceBytes, failsFrom);
        expect(steps.at(-1)).toEqual({ kind: 'gap', bytes: failsFrom });
        expect(steps.length).toBeLessThanOrEqual(Math.ceil(Math.log2(sliceBytes)) + 3);
      }),
    );
  });

  test('a gap is what fails as the first slice of a fresh instance', () => {
    const notFirst = false;
    const ladder = new RecoveryLadder(OPTIONS);
    ladder.failed(0, 1, 0);
    expect(ladder.failed(0, 1, 0, notFirst)).toEqual({ kind: 'confirm', bytes: 1 });
    expect(ladder.failed(0, 1, 0)).toEqual({ kind: 'gap', bytes: 1 });
  });

  test('what a fresh instance does not fail on is no gap', () => {
    const notFirst = false;
    const ladder = new RecoveryLadder(OPTIONS);
    ladder.failed(0, 1, 0);
    expect(ladder.failed(0, 1, 0, notFirst)).toEqual({ kind: 'confirm', bytes: 1 });
    expect(ladder.passed(1, 0)).toEqual({ kind: 'retry' });
  });

  test('a search that may take no time gives up all that failed twice', () => {
    const ladder = new RecoveryLadder({ ...OPTIONS, narrowingMs: 0 });
    expect(ladder.failed(0, 1000, 5)).toEqual({ kind: 'retry' });
    expect(ladder.failed(0, 1000, 5)).toEqual({ kind: 'gap', bytes: 1000 });
    expect(ladder.budget.failedToStart(5)).toBe(false);
  });

  test('without limits, a search and instances that fail to start take as long as they take', () => {
    const unlimited = Number.POSITIVE_INFINITY;
    const recovery = { maxRestarts: unlimited, restartWindowMs: unlimited, narrowingMs: unlimited, maxGapsInRow: 1 };
    const ladder = new RecoveryLadder(recovery);
    ladder.failed(0, 1000, 0);
    expect(ladder.failed(0, 1000, 1e15)).toEqual({ kind: 'probe', bytes: 500 });
    expect(ladder.failed(0, 500, 2e15)).toEqual({ kind: 'probe', bytes: 250 });
    for (let now = 0; now < 10_000; now++) expect(ladder.budget.failedToStart(now)).toBe(true);
  });

  test('fresh instances are counted over the whole session where the window is without end', () => {
    const ladder = new RecoveryLadder({ ...OPTIONS, maxRestarts: 2, restartWindowMs: Number.POSITIVE_INFINITY });
    expect([0, 1e12, 2e12].map((now) => ladder.failed(now, 10, now).kind)).toEqual(['retry', 'retry', 'give-up']);
  });

  test('a search that takes too long gives up what is known to fail', () => {
    const ladder = new RecoveryLadder(OPTIONS);
    ladder.failed(0, 1000, 0);
    expect(ladder.failed(0, 1000, 10)).toEqual({ kind: 'probe', bytes: 500 });
    expect(ladder.failed(0, 500, 40_000)).toEqual({ kind: 'gap', bytes: 500 });
  });

  test('too many restarts in a while give up; as many over a longer time do not', () => {
    const ladder = new RecoveryLadder({ ...OPTIONS, maxRestarts: 3 });
    for (const offset of [1, 2, 3]) expect(ladder.failed(offset, 10, offset).kind).toBe('retry');
    expect(ladder.failed(4, 10, 4).kind).toBe('give-up');
    const patient = new RecoveryLadder({ ...OPTIONS, maxRestarts: 3 });
    for (let offset = 0; offset < 100; offset++) expect(patient.failed(offset, 10, offset * 30_000).kind).toBe('retry');
  });

  test('without a slice being tried, a slice that yields nothing means nothing', () => {
    expect(new RecoveryLadder(OPTIONS).passed(10, 0)).toBeUndefined();
  });
});
