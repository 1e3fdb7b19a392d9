/** The worker's side, for those that run a plugin in a thread of their own making: benchmarks and tests. */
export { loadParserRoom } from '../api/rooms.js';
export { BinaryByteSource, type BinaryByteSourceOptions, type ByteReader } from './binary-byte-source.js';
export { FileSource } from './file-source.js';
export { FrameBuilder } from './frame-builder.js';
export type { LiftedFrame, ParseOutcome, ParserFactory, ParserRoom, RoomContext } from './parser-room.js';
export { PieceBoundaries } from './piece-boundaries.js';
export { runPieces } from './piece-runs.js';
export { type PositionedReader, PositionedSource } from './positioned-source.js';
export type { SliceSource } from './slice-source.js';
export { Window } from './window.js';
