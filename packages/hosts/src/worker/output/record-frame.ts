/** A record as bytes: `[version, length of the map in bytes, map]`. */
import type { StreamRecord } from '@chipmunk-host/batch';
import {
  BATCH_VERSION,
  RECORD_ARRAY_HEADER,
  RECORD_HEADER_BYTES,
  RECORD_LENGTH_TYPE,
} from '@chipmunk-host/batch/internal';

/** The encoder is loaded for the first one: most sessions have none. */
export async function encodeRecord(record: StreamRecord): Promise<Uint8Array> {
  const { pack } = await import('msgpackr');
  const map = pack(record);
  const bytes = Buffer.alloc(RECORD_HEADER_BYTES + map.length);
  bytes.set([...RECORD_ARRAY_HEADER, BATCH_VERSION, RECORD_LENGTH_TYPE]);
  bytes.writeUInt32BE(map.length, RECORD_HEADER_BYTES - 4);
  bytes.set(map, RECORD_HEADER_BYTES);
  return bytes;
}
