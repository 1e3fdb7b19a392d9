/**
 * Module `read`: runs over the plugin's memory, which it never writes. `measure` finds what makes a batch, `walk` hands that,
 * string by string, to the module `write`, which runs in the host's memory.
 */
export {
  attachmentBytes,
  attachments,
  consumed,
  cost,
  entries,
  items,
  measure,
  skippedBytes,
  strings,
  stringsPerEntry,
  taken,
  textBytes,
  timed,
  varying,
} from './measure';
export { walk, walked } from './walk';
