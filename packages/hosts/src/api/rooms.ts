/** The one table of API versions: what a plugin exports, and the room that it lives in. */
import { type CompiledComponent, PluginInvalidError } from '@chipmunk-host/runtime/worker';
import type { ParserFactory } from '../worker/parser-room.js';
import { ParserV0_1_0 } from './v0_1_0/parser-v0_1_0.js';

const PARSER_ROOMS: Readonly<Record<string, (component: CompiledComponent) => ParserFactory>> = {
  '0.1.0': ParserV0_1_0.load,
};

export function loadParserRoom(apiVersion: string, component: CompiledComponent): ParserFactory {
  const load = PARSER_ROOMS[apiVersion];
  if (load === undefined) throw new PluginInvalidError(`There is no room for parsers of API version ${apiVersion}.`);
  return load(component);
}
