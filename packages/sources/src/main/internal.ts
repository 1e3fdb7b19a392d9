/** What the packages that come with this one need beside what is public. Without a promise: any of it may change in any version. */
export type { NumberedEvent, SegmentMessage, SourceEvent } from '../shared/source-messages.js';
export {
  BUILT_IN_SOURCES,
  builtInSource,
  type FoundKind,
  SOURCE_KINDS,
  SOURCES,
  type SourceRow,
} from '../shared/source-table.js';
export { type SourceEnd, SourceHost, type SourceHostParts } from './source-host.js';
