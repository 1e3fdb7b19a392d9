/** The worker's side, for those that run a plugin in a thread of their own making: benchmarks and tests. */
export { createParserRoom } from '../api/rooms.js';
export { FrameBuilder } from './frame-builder.js';
export type { LiftedFrame, ParseOutcome, ParserRoom, RoomContext } from './parser-room.js';
