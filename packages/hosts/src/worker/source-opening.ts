/** Makes the source that a parser's worker was told of. */
import { ChunkReader } from '@chipmunk-host/runtime/worker';
import type { SourceRequest } from '../shared/byte-source-messages.js';
import { BinaryByteSource } from './binary-byte-source.js';
import { FileSource } from './file-source.js';
import type { SliceSource } from './slice-source.js';
import type { SourceRestarts } from './source-restarts.js';

/** @param restarts told of restarts of a byte-source plugin */
export function openSource(request: SourceRequest, restarts: SourceRestarts): SliceSource {
  if ('file' in request) return new FileSource(request.file);
  // Closing it leaves the ring as it is: another parser may go on with it. The main thread ends it with the session.
  const reader = new ChunkReader(request.ring, { onNote: (note) => restarts.add(note) });
  return new BinaryByteSource(reader, { memory: request.memory });
}
