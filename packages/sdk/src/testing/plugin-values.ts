/** The values that plugins take and give, as plain JavaScript. */

export type LogLevel = 'error' | 'warn' | 'info' | 'debug' | 'trace';

export type Tagged<Tag extends string, Value> = { readonly tag: Tag; readonly val: Value };

/** A value of a configuration, with its type. */
export type ConfigValue =
  | Tagged<'boolean', boolean>
  | Tagged<'integer', number>
  | Tagged<'float', number>
  | Tagged<'text', string>
  | Tagged<'directories', readonly string[]>
  | Tagged<'files', readonly string[]>
  | Tagged<'dropdown', string>;

/** A value of a configuration. */
export interface ConfigItem {
  readonly id: string;
  readonly value: ConfigValue;
}

/** One value that a plugin can be configured with. */
export interface ConfigSchema {
  readonly id: string;
  readonly title: string;
  readonly description?: string;
  readonly inputType:
    | Tagged<'boolean', boolean>
    | Tagged<'integer', number>
    | Tagged<'float', number>
    | Tagged<'text', string>
    | { readonly tag: 'directories' }
    | Tagged<'files', readonly string[]>
    | Tagged<'dropdown', readonly [readonly string[], string]>;
}

/** Version of a plugin or of its API. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** The columns that a parser wants shown. */
export interface RenderOptions {
  readonly columnsOptions?: {
    readonly columns: readonly { readonly caption: string; readonly description: string; readonly width: number }[];
    readonly minWidth: number;
    readonly maxWidth: number;
  };
}

/** The text of an item. */
export type Message = Tagged<'line', string> | Tagged<'columns', readonly string[]>;

/** A file that a plugin found in its input, as its bindings have it. */
export interface Attachment {
  readonly name: string;
  readonly size: bigint;
  readonly createdDate?: string;
  readonly modifiedDate?: string;
  readonly messages: BigUint64Array;
  readonly data: Uint8Array;
}

/** An item, or bytes that were skipped when there is no value. */
export interface ParseReturn {
  readonly value?:
    | Tagged<'message', Message>
    | Tagged<'attachment', Attachment>
    | Tagged<'message-and-attachment', readonly [Message, Attachment]>;
  /** Bytes of the input. */
  readonly consumed: bigint;
}

interface PluginExports {
  /** The version of the plugin. */
  getVersion(): Version;
  /** What the plugin can be configured with. */
  getConfigSchemas(): ConfigSchema[];
  /** Throws the plugin's `init-error`. */
  init(general: { readonly logLevel: LogLevel }, configs: readonly ConfigItem[]): void;
}

/** What a parser exports. */
export interface ParserExports extends PluginExports {
  /** The columns that the parser wants shown. */
  getRenderOptions(): RenderOptions;
  /** Throws the plugin's `parse-error`. */
  parse(data: Uint8Array, timestamp?: bigint): ParseReturn[];
}

/** What a byte-source exports. */
export interface ByteSourceExports extends PluginExports {
  /** Throws the plugin's `source-error`. */
  read(length: bigint): Uint8Array;
}
