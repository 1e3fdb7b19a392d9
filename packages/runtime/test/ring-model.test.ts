/** Every order of the steps of a ring's two threads, in a model: no wake-up is lost. */
import { describe, expect, test } from 'vitest';
import { explore, type ModelOptions } from './ring-model.js';

const SLOTS = 2;
const FRAMES = 5;

describe('in every order of steps', () => {
  test('all frames arrive, and both sides end', () => {
    const { stuck, arrived, states } = explore({ slots: SLOTS, frames: FRAMES });
    expect(stuck).toEqual([]);
    expect([...arrived]).toEqual([FRAMES]);
    // As many as there are, not a handful that a mistake in the model leaves.
    expect(states).toBeGreaterThan(1000);
  });

  test.each([0, 1, 2, 3, 4, 5])('a reader that stops at frame %d ends both sides', (stopAfter) => {
    for (const leaves of [false, true]) {
      const { stuck, arrived } = explore({ slots: SLOTS, frames: FRAMES, stopAfter, leaves });
      expect(stuck).toEqual([]);
      expect(Math.min(...arrived)).toBeGreaterThanOrEqual(stopAfter);
    }
  });

  test('a writer that is paused at any step goes on', () => {
    for (const stopAfter of [undefined, 2]) {
      const stops = stopAfter === undefined ? {} : { stopAfter, leaves: true };
      const { stuck, arrived } = explore({ slots: SLOTS, frames: FRAMES, pauses: true, ...stops });
      expect(stuck).toEqual([]);
      expect(Math.max(...arrived)).toBe(stopAfter ?? FRAMES);
    }
  });

  test('a writer that dies at any step leaves no reader asleep', () => {
    const { stuck, arrived } = explore({ slots: SLOTS, frames: FRAMES, mayDie: true });
    expect(stuck).toEqual([]);
    expect([...arrived].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

describe('the model finds it when', () => {
  test.each<[string, ModelOptions]>([
    ['the bell is read behind the counters', { slots: SLOTS, frames: FRAMES, fault: 'counter before bell' }],
    ['the bell is rung behind the notification', { slots: SLOTS, frames: FRAMES, fault: 'notify before ring' }],
    ['the end is not rung', { slots: SLOTS, frames: FRAMES, fault: 'end without ring' }],
    ['a resumption is not rung', { slots: SLOTS, frames: FRAMES, pauses: true, fault: 'resume without ring' }],
    ['a stop is not rung', { slots: SLOTS, frames: FRAMES, stopAfter: 2, leaves: true, fault: 'stop without ring' }],
  ])('%s', (_, options) => {
    expect(explore(options).stuck.length).toBeGreaterThan(0);
  });
});
