/** Several things at once. */

/** Waits for all, also when one of them fails. @throws what the first one that failed has thrown */
export async function allOf(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}
