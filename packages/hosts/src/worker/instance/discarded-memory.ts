/**
 * Frees the memory of an instance that nothing refers to any more before the next one takes its own: V8 itself would not hurry,
 * and the memories of several instances in a row would add up.
 */

/** Less than this is left to V8: collecting takes some 30 ms. */
const WORTHWHILE_BYTES = 8 * 1024 * 1024;

/** @param byteLength of the memory that could be freed */
export async function freeDiscarded(byteLength: number): Promise<void> {
  if (byteLength < WORTHWHILE_BYTES || !process.features.inspector) return;
  const { Session } = await import('node:inspector');
  const session = new Session();
  session.connect();
  try {
    // The one way to have garbage collected at once that needs no flag of the process.
    await new Promise((resolve) => session.post('HeapProfiler.collectGarbage', resolve));
  } finally {
    session.disconnect();
  }
}
