/** The types of `chipmunk:bytesource/byte-source@0.1.0` as jco's bindings have them. */
import type { ParserBindings, Variant } from '../common/bindings.js';

/** `source-error`. */
export type BindingsSourceError = Variant<'io' | 'unsupported' | 'other', string>;

/** `result` errors are thrown as their payload. */
export interface ByteSourceBindings extends Pick<ParserBindings, 'getVersion' | 'getConfigSchemas' | 'init'> {
  read(len: bigint): Uint8Array;
}
