/** The part of the component's exports that parsers and byte-sources share. */
import { Config } from './config';
import { InitError } from './init-error';
import { setLogLevel } from './log';
import { Plugin } from './plugin';
import { Schema } from './schema';

/** Results of up to 16 bytes lie here until the next call. */
export const result = memory.data(16, 8);

export function storeVersion(plugin: Plugin): usize {
  const version = plugin.version();
  store<u16>(result, version.major);
  store<u16>(result, version.minor, 2);
  store<u16>(result, version.patch, 4);
  return result;
}

export function storeSchemas(plugin: Plugin): usize {
  Schema.storeAll(result, plugin.schemas());
  return result;
}

export function initialise(plugin: Plugin, logLevel: i32, items: usize, count: i32): usize {
  setLogLevel(logLevel);
  InitError.store(result, plugin.init(Config.load(items, count)));
  return result;
}
