/** What all threads need, for the packages that come with this one. Without a promise: any of it may change in any version. */
export type { NumberedEvent, SegmentMessage, SourceEvent } from './source-messages.js';
