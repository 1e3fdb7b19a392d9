/**
 * Selects rows of a batch and makes a batch of them, in one memory that the host owns. Conditions that are bytes to be found are looked
 * for here; the host marks what other conditions select. Nothing is decoded.
 */
export {
  bytes,
  filteredBytes,
  filteredItems,
  measure,
  newAttachmentBytes,
  newAttachments,
  newEntries,
  newItems,
  newPerEntry,
  newStrings,
  newTextBytes,
  skippedBytes,
  write,
} from './compaction';
export { markColumn, markContaining, markItems, unmarkOutside } from './marks';
export { open } from './tables';
