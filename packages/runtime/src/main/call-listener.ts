/**
 * Calls listeners of the embedder: `onLog`, `onProgress`, `onWaiting`, `onWarning`, listeners of events.
 * One rule for all: what such a function throws, or rejects with, changes nothing of what goes on. It is reported as a warning of the
 * process (`process.on('warning')`, code `CHIPMUNK_LISTENER_FAILED`), once for each function.
 */

export const LISTENER_FAILED = 'CHIPMUNK_LISTENER_FAILED';

const reported = new WeakSet<object>();

/** @param name what the option or the event is called, for the warning */
export function callListener<Args extends readonly unknown[]>(
  name: string,
  listener: ((...args: Args) => unknown) | undefined,
  ...args: Args
): void {
  if (listener === undefined) return;
  try {
    const result = listener(...args);
    // Taken for what it is, also where its type says that nothing is returned: an async function.
    if (typeof result === 'object' && result !== null && 'then' in result)
      Promise.resolve(result).catch((error: unknown) => report(name, listener, error));
  } catch (error) {
    report(name, listener, error);
  }
}

function report(name: string, listener: object, error: unknown): void {
  if (reported.has(listener)) return;
  reported.add(listener);
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  process.emitWarning(
    `${name} threw: ${message}. This has no other effect; further exceptions of it are not reported.`,
    {
      type: 'ChipmunkHostWarning',
      code: LISTENER_FAILED,
      ...(stack === undefined ? {} : { detail: stack }),
    },
  );
}
