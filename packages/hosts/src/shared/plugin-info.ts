/** What a plugin says of itself, whatever its API version. */
import type { ConfigSchema } from './config/config-schema.js';

export interface PluginVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

export type PluginKind = 'parser' | 'bytesource';

export interface ColumnInfo {
  readonly caption: string;
  readonly description: string;
  /** Pixels; a negative width takes what is left. */
  readonly width: number;
}

/** How the items of a parser are to be shown; `columns` is undefined when they are lines. */
export interface RenderOptions {
  readonly columns:
    | {
        readonly columns: readonly ColumnInfo[];
        /** Pixels. */
        readonly minWidth: number;
        /** Pixels. */
        readonly maxWidth: number;
      }
    | undefined;
}

export interface ParserInfo {
  readonly version: PluginVersion;
  readonly configSchemas: readonly ConfigSchema[];
  readonly renderOptions: RenderOptions;
}

export interface ByteSourceInfo {
  readonly version: PluginVersion;
  readonly configSchemas: readonly ConfigSchema[];
}
