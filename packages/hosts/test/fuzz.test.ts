import { expect, test } from 'vitest';
import { fuzz as fuzzLifter } from '../fuzz/lifter.js';
import { fuzz as fuzzRing } from '../fuzz/ring.js';

/** A short run of each target; long ones of random seeds: npm run long -- fuzz-lifter, fuzz-ring. */
const options = { seconds: 30, seed: 7, log: () => {}, rounds: 2 };

test('the lifter and the reference reader agree, whatever a plugin returns', async () => {
  expect((await fuzzLifter(options)).executed).toBeGreaterThan(100);
});

test('the ring delivers every frame whole and in order, whatever its shape and pace', async () => {
  expect((await fuzzRing(options)).executed).toBeGreaterThan(20);
});
