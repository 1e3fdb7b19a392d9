import { Permits } from '@chipmunk-host/runtime';
import { describe, expect, test } from 'vitest';

describe('permits', () => {
  test('a taker that needs two waits for both, and those behind it wait their turn', async () => {
    const permits = new Permits(2);
    const order: string[] = [];
    const first = await permits.take(1);
    const two = permits.take(2, undefined, () => order.push('two waits'));
    const one = permits.take(1, undefined, () => order.push('one waits'));
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
    const waiting = permits.take(1, abort.signal);
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  test('an aborted taker does not hold up those behind it', async () => {
    const permits = new Permits(2);
    const held = await permits.take(1);
    const abort = new AbortController();
    const two = permits.take(2, abort.signal);
    const one = permits.take(1);
    abort.abort(new Error('enough'));
    await expect(two).rejects.toThrow('enough');
    (await one)();
    held();
  });

  test('more than there are is refused at once', async () => {
    await expect(new Permits(2).take(3)).rejects.toThrow(RangeError);
  });
});
