/** What a source tells when it goes on at a checkpoint. */
import type { SourceEvent } from './source-messages.js';

/** The parser has not seen what comes before. */
export function freshAt(path: string, offset: number): SourceEvent {
  const message = `The parser starts afresh at byte ${offset} of '${path}', where the checkpoint is: what it knew of the input before is gone.`;
  return { event: 'fresh', message, file: path, fileOffset: offset };
}
