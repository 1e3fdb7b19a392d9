/** Generators that end what they read from, also when they are ended before their first element was asked for. */
import type { Batch, StreamElement } from '@chipmunk-host/batch';

/**
 * @param elements closes its source itself when it ends: a generator whose body has not begun has no `finally` to run
 * @param close ends the source; called once more, it does nothing
 */
export function closingGenerator<Element>(
  elements: AsyncGenerator<Element, undefined, undefined>,
  close: () => Promise<void>,
): AsyncGenerator<Element, undefined, undefined> {
  const finish: typeof elements.return = elements.return.bind(elements);
  const fail: typeof elements.throw = elements.throw.bind(elements);
  return Object.assign(elements, {
    async return(value: undefined) {
      await close();
      return finish(value);
    },
    async throw(error: unknown) {
      await close();
      return fail(error);
    },
  } satisfies Pick<typeof elements, 'return' | 'throw'>);
}

/** What is no batch is left out. */
export async function* batchesAmong(
  elements: AsyncIterable<StreamElement>,
): AsyncGenerator<Batch, undefined, undefined> {
  for await (const element of elements) if (element.type === 'batch') yield element;
  return undefined;
}
