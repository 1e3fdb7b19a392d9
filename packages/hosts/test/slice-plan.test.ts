import { describe, expect, test } from 'vitest';
import { SlicePlan } from '#worker/parser/slice-plan.js';

const WINDOW = { bytes: 1000, hardMaxBytes: 4000 };

describe('the length of a slice', () => {
  test('is never that of the rest that was left', () => {
    const plan = new SlicePlan(WINDOW);
    plan.begin(0, 1000, false);
    plan.consumed(0);
    expect(plan.rest).toBe(1000);
    expect(plan.wantedBytes).toBe(1001);
    plan.begin(0, 1001, false);
    plan.consumed(1);
    expect(plan.wantedBytes).toBe(1001);
  });

  test('grows where the plugin made nothing of one, up to the hard maximum', () => {
    const plan = new SlicePlan(WINDOW);
    const wanted = [];
    for (let bytes = plan.wantedBytes, grows = true; grows; bytes = plan.wantedBytes) {
      wanted.push(bytes);
      plan.begin(0, bytes, false);
      plan.consumed(0);
      grows = plan.grow();
    }
    expect(wanted).toEqual([1000, 2000, 4000]);
  });

  test('tells at the end of the input that exactly the rest came again', () => {
    const plan = new SlicePlan(WINDOW);
    plan.begin(0, 500, true);
    plan.consumed(200);
    plan.begin(200, 300, true);
    expect(plan.slice).toMatchObject({ atEnd: true, lastPass: true });
    plan.forgetRest();
    plan.begin(200, 300, true);
    expect(plan.slice.lastPass).toBe(false);
  });

  test('is of no meaning to a fresh instance', () => {
    const plan = new SlicePlan(WINDOW);
    plan.begin(0, 500, true);
    plan.consumed(200);
    plan.startAfresh();
    plan.begin(200, 300, true);
    expect(plan.slice.lastPass).toBe(false);
    expect(plan.isFirst).toBe(true);
  });
});
