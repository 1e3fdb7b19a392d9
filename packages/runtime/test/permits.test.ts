import { Permits } from '@chipmunk-host/runtime/internal';
import { describe, expect, test } from 'vitest';

describe('permits', () => {
  test('a taker that needs two waits for both, and those behind it wait their turn', async () => {
    const permits = new Permits(2);
    const order: string[] = [];
    const first = await permits.take(1);
    const two = permits.take(2, { onWaiting: () => order.push('two waits') });
    const one = permits.take(1, { onWaiting: () => order.push('one waits') });
    first();
    const releaseTwo = await two;
    order.push('two has its turn');
    const oneThen = one.then((release) => {
      order.push('one has its turn');
      release();
    });
    releaseTwo();
    await oneThen;
    expect(order).toEqual(['two waits', 'one waits', 'two has its turn', 'one has its turn']);
  });

  test('giving back twice counts once', async () => {
    const permits = new Permits(1);
    const release = await permits.take(1);
    release();
    release();
    await permits.take(1);
    const abort = new AbortController();
    const waiting = permits.take(1, { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  test('an aborted taker does not hold up those behind it', async () => {
    const permits = new Permits(2);
    const held = await permits.take(1);
    const abort = new AbortController();
    const two = permits.take(2, { signal: abort.signal });
    const one = permits.take(1);
    abort.abort(new Error('enough'));
    await expect(two).rejects.toThrow('enough');
    (await one)();
    held();
  });

  test('more than there are is refused at once', async () => {
    await expect(new Permits(2).take(3)).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message: '3 workers are needed at once, but only 2 may run (maxInstances).',
    });
  });

  test.each([Number.NaN, 0, -1, 1.5, Number.POSITIVE_INFINITY])('of a total of %d cannot be', (total) => {
    expect(() => new Permits(total)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
  });

  test('a taker that does not want to wait gets an error with the numbers in use and waiting', async () => {
    const permits = new Permits(3);
    const held = await permits.take(2);
    await expect(permits.take(2, { waitMs: 0 })).rejects.toMatchObject({
      code: 'ERR_BUSY',
      message: 'Fewer than 2 workers were free: 2 of 3 are in use, and others wait: 0.',
    });
    (await permits.take(1, { waitMs: 0 }))();
    held();
    expect(permits.usage).toEqual({ maxInstances: 3, inUse: 0, waiting: 0 });
  });

  test('a taker with a limit stops waiting then, and does not delay those behind it', async () => {
    const permits = new Permits(2);
    const held = await permits.take(1);
    const two = permits.take(2, { waitMs: 1 });
    const one = permits.take(1);
    expect(permits.usage).toEqual({ maxInstances: 2, inUse: 1, waiting: 2 });
    await expect(two).rejects.toMatchObject({
      code: 'ERR_BUSY',
      message: 'Fewer than 2 workers were free within 1 ms: 1 of 2 are in use, and others wait: 1.',
    });
    (await one)();
    held();
    expect(permits.usage).toEqual({ maxInstances: 2, inUse: 0, waiting: 0 });
  });

  test.each([Number.POSITIVE_INFINITY, 0x7fff_ffff, undefined])(
    'a taker that waits for %s ms has its turn',
    async (waitMs) => {
      const permits = new Permits(1);
      const held = await permits.take(1);
      const waiting = permits.take(1, { waitMs });
      held();
      (await waiting)();
    },
  );

  test('a taker whose signal is aborted when it is told that it waits does not wait', async () => {
    const permits = new Permits(1);
    const held = await permits.take(1);
    const abort = new AbortController();
    const onWaiting = () => abort.abort(new Error('then not'));
    await expect(permits.take(1, { signal: abort.signal, onWaiting })).rejects.toThrow('then not');
    expect(permits.usage.waiting).toBe(0);
    held();
  });
});
