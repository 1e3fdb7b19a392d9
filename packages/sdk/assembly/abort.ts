/**
 * Stands in for AssemblyScript's `abort`, which failed assertions, `throw` and index errors end in: the reason goes to the
 * host's log, then the plugin traps.
 */
import { Level, sendWithoutMemory } from './log';

/** The end when no memory is left. */
export function outOfMemory(): void {
  sendWithoutMemory(Level.Error, 'out of memory');
  unreachable();
}

export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  const reason = message === null ? 'abort' : message;
  const place = file === null ? '' : ' at ' + file + ':' + line.toString() + ':' + column.toString();
  sendWithoutMemory(Level.Error, reason + place);
  unreachable();
}
