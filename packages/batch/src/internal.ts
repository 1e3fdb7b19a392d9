/**
 * For the packages that come with this one: what they need of the format to write it, and to make reading quicker where they run. None of
 * it is promised to stay as it is.
 */
export {
  BATCH_ELEMENTS,
  BATCH_HEADER_BYTES,
  BATCH_VERSION,
  BatchElement,
  BatchFlag,
  BatchHeader,
  VARYING_STRINGS,
} from './batch-format.js';
export { RECORD_ARRAY_HEADER, RECORD_HEADER_BYTES, RECORD_LENGTH_TYPE } from './stream-record.js';
export { type EncodedText, type TextDecoding, useTextDecoder } from './text-decoder.js';
