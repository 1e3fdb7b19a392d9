/** What a plugin says of itself, whatever its API version. */
import type { ConfigSchema } from './config/config-schema.js';

/** The version that a plugin says it has, which is not that of its API. */
export interface PluginVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** What a plugin does: a `parser` makes items of bytes, a `bytesource` delivers bytes. */
export type PluginKind = 'parser' | 'bytesource';

/** A column as the parser wants it shown. */
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

/** What a parser says of itself. */
export interface ParserInfo {
  readonly version: PluginVersion;
  readonly configSchemas: readonly ConfigSchema[];
  readonly renderOptions: RenderOptions;
}

/** What a byte-source says of itself. */
export interface ByteSourceInfo {
  readonly version: PluginVersion;
  readonly configSchemas: readonly ConfigSchema[];
}
