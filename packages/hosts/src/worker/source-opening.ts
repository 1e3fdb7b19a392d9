/** Makes the source that a parser's worker was told of. */
import { ChunkReader } from '@chipmunk-host/runtime/worker';
import type { SourceRequest } from '../shared/byte-source-messages.js';
import { BinaryByteSource } from './binary-byte-source.js';
import { FileSource } from './file-source.js';
import type { SliceSource } from './slice-source.js';

/** @throws HostError `ERR_SOURCE_OPEN` */
export function openSource(request: SourceRequest): SliceSource {
  if ('file' in request) return new FileSource(request.file);
  // Closing it leaves the ring as it is: another parser may go on with it. The main thread ends it with the session.
  return new BinaryByteSource(new ChunkReader(request.ring), { memory: request.memory });
}
