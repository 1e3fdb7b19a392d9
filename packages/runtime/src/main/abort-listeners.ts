/**
 * Listeners of abort signals that come from outside. However many of ours wait for one signal, it has one listener: Node warns of a
 * leak when there are more than ten (MaxListenersExceededWarning), and a server may have a hundred sessions on one signal.
 */

const listenersOf = new WeakMap<AbortSignal, Set<Entry>>();

interface Entry {
  readonly listener: () => void;
}

/**
 * Calls the listener once when the signal is aborted; never when it was aborted before.
 * @returns a function that takes the listener off again; calling it twice is harmless
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return () => {};
  const entries = listenersOf.get(signal) ?? listenTo(signal);
  const entry = { listener };
  entries.add(entry);
  return () => {
    if (entries.delete(entry) && entries.size === 0) stopListening(signal, entries);
  };
}

const handlers = new WeakMap<Set<Entry>, () => void>();

function listenTo(signal: AbortSignal): Set<Entry> {
  const entries = new Set<Entry>();
  const handle = () => {
    stopListening(signal, entries);
    // One that is called may take others off.
    for (const entry of [...entries]) if (entries.delete(entry)) entry.listener();
  };
  listenersOf.set(signal, entries);
  handlers.set(entries, handle);
  signal.addEventListener('abort', handle, { once: true });
  return entries;
}

function stopListening(signal: AbortSignal, entries: Set<Entry>): void {
  const handle = handlers.get(entries);
  if (handle !== undefined) signal.removeEventListener('abort', handle);
  if (listenersOf.get(signal) === entries) listenersOf.delete(signal);
}
