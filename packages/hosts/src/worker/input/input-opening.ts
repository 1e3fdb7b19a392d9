/** Opens the input that a parser's worker reads. */
import { ByteRingReader } from '@chipmunk-host/runtime/internal/worker';
import type { SourceRequest } from '../../shared/protocol/byte-source-messages.js';
import type { ByteInput } from './byte-input.js';
import { FileInput } from './file-input.js';
import { RingInput } from './ring-input.js';
import type { SourceRestarts } from './source-restarts.js';

/** @param restarts told of restarts of a byte-source plugin */
export function openSource(request: SourceRequest, restarts: SourceRestarts): ByteInput {
  if ('file' in request) return new FileInput(request.file);
  // Closing it leaves the ring as it is: another parser may go on with it. The main thread ends it with the session.
  const reader = new ByteRingReader(request.ring, { onNote: (note) => restarts.add(note) });
  return new RingInput(reader, { memory: request.memory });
}
