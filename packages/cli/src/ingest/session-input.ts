/** What a session's account says of its input. */
import type { IngestSession } from '@chipmunk-host/manager';
import type { NamedInput } from '../loss/file-signatures.js';
import type { IngestInput } from './ingest-inputs.js';

/** Behind the last item that was wanted, as far as the length of the input is known. */
export function unreadBytes({ summary, progress }: IngestSession): number {
  return summary.limitReached ? (progress.totalBytes ?? summary.bytes) - summary.bytes : 0;
}

export function lossName({ name, path }: IngestInput): NamedInput {
  return { name: path === undefined ? name : `'${path}'`, path };
}

/** Whether only this input is wrong, and another one may be right. */
export function isAboutSource(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  return (
    code === 'ERR_SOURCE_OPEN' ||
    code === 'ERR_SOURCE_READ' ||
    code === 'ERR_SOURCE_CHANGED' ||
    code === 'ERR_CHECKPOINT'
  );
}
