/** The one table of API versions of byte-sources, as rooms.ts is of parsers. */
import { type CompiledComponent, PluginInvalidError } from '@chipmunk-host/runtime/worker';
import type { ByteSourceFactory } from '../worker/byte-source-room.js';
import { ByteSourceV0_1_0 } from './v0_1_0/byte-source-v0_1_0.js';

const BYTE_SOURCE_ROOMS: Readonly<Record<string, (component: CompiledComponent) => ByteSourceFactory>> = {
  '0.1.0': ByteSourceV0_1_0.load,
};

export function loadByteSourceRoom(apiVersion: string, component: CompiledComponent): ByteSourceFactory {
  const load = BYTE_SOURCE_ROOMS[apiVersion];
  if (load === undefined)
    throw new PluginInvalidError(`There is no room for byte-sources of API version ${apiVersion}.`);
  return load(component);
}
