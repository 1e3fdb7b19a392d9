/** The worker's side, for those that run a plugin in a thread of their own making: benchmarks and tests. */
export { loadParserRoom } from '../api/rooms.js';
export { FrameBuilder } from './frame-builder.js';
export type { LiftedFrame, ParseOutcome, ParserFactory, ParserRoom, RoomContext } from './parser-room.js';
