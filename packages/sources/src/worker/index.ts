/** The side of a source's thread, for the tests of packages that come with this one. Without a promise: any of it may change in any version. */
export type { PacketInfo, SegmentInfo, Source, SourceEvent, SourceOutput } from './contract.js';
export { RingOutput } from './ring-output.js';
