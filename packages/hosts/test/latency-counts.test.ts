import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketEndMs, LATENCY_BUCKETS, latencyBucket } from '#shared/latency-counts.js';

test('a time is in the bucket that ends behind it, which is at most an eighth longer than where it begins', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, noNaN: true, max: 2 ** 22 }), (ms) => {
      const bucket = latencyBucket(ms);
      expect(ms).toBeLessThan(bucketEndMs(bucket));
      if (bucket === 0) return;
      const begin = bucketEndMs(bucket - 1);
      expect(ms).toBeGreaterThanOrEqual(begin);
      if (bucket < LATENCY_BUCKETS - 1) expect(bucketEndMs(bucket) / begin).toBeLessThanOrEqual(1.125);
    }),
    { numRuns: 10_000 },
  );
});

test('all times have a bucket', () => {
  expect(latencyBucket(0)).toBe(0);
  expect(bucketEndMs(0)).toBe(2 ** -10);
  expect(latencyBucket(2 ** -10)).toBe(1);
  expect(latencyBucket(2 ** 20 - 1)).toBe(LATENCY_BUCKETS - 2);
  expect(bucketEndMs(LATENCY_BUCKETS - 2)).toBe(2 ** 20);
  expect(latencyBucket(2 ** 20)).toBe(LATENCY_BUCKETS - 1);
  expect(latencyBucket(Number.MAX_VALUE)).toBe(LATENCY_BUCKETS - 1);
  expect(bucketEndMs(LATENCY_BUCKETS - 1)).toBe(Number.POSITIVE_INFINITY);
});
