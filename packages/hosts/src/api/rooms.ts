/** The one table of API versions: what a plugin exports, and the room that it lives in. */
import { type CompiledComponent, PluginInvalidError, type RingMemory } from '@chipmunk-host/runtime/worker';
import type { ParserRoomOptions } from '../shared/messages.js';
import type { ParserRoom, RoomContext } from '../worker/parser-room.js';
import { ParserV0_1_0 } from './v0_1_0/parser-v0_1_0.js';

type ParserRoomFactory = (
  component: CompiledComponent,
  ring: RingMemory,
  context: RoomContext,
  options: ParserRoomOptions,
) => Promise<ParserRoom>;

const PARSER_ROOMS: Readonly<Record<string, ParserRoomFactory>> = {
  '0.1.0': ParserV0_1_0.create,
};

export function createParserRoom(
  apiVersion: string,
  ...args: Parameters<ParserRoomFactory>
): ReturnType<ParserRoomFactory> {
  const create = PARSER_ROOMS[apiVersion];
  if (create === undefined) throw new PluginInvalidError(`No room for parsers of API version ${apiVersion}.`);
  return create(...args);
}
