/** What a source's worker needs of a byte-source plugin, whatever its API version. Each version has an adapter that implements it. */

import type { ConfigItem, LogLevel } from '../../shared/config/config-schema.js';
import type { ByteSourceInfo } from '../../shared/plugin-info.js';
import type { ByteSourceAdapterOptions } from '../../shared/protocol/byte-source-messages.js';
import type { AdapterContext } from './parser-adapter.js';

export interface ByteSourceAdapter {
  /** Bytes of the plugin's memory, as far as it can be seen; 0 where not. */
  readonly memoryBytes: number;
  info(): ByteSourceInfo;
  init(config: readonly ConfigItem[], logLevel: LogLevel): void;
  /**
   * Puts at most so many bytes as `into` has to its start; returns how many: 0 at the end of the input.
   * @throws HostError `ERR_SOURCE_READ` with the plugin's own message; PluginError when the plugin fails
   */
  read(into: Uint8Array): number;
}

/** Makes an instance at once. @throws PluginError when the plugin fails to start */
export type ByteSourceFactory = (context: AdapterContext, options: ByteSourceAdapterOptions) => ByteSourceAdapter;
