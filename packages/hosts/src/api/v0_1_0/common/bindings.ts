/** The types of `chipmunk:parser/parser@0.1.0` as jco's bindings have them: camelCase names, variants as tag and val. */

export interface Variant<Tag extends string, Val> {
  readonly tag: Tag;
  readonly val: Val;
}

export type BindingsConfigValue =
  | Variant<'boolean', boolean>
  | Variant<'integer' | 'float', number>
  | Variant<'text' | 'dropdown', string>
  | Variant<'directories' | 'files', readonly string[]>;

export type BindingsConfigSchemaType =
  | Variant<'boolean', boolean>
  | Variant<'integer' | 'float', number>
  | Variant<'text', string>
  | { readonly tag: 'directories' }
  | Variant<'files', readonly string[]>
  | Variant<'dropdown', readonly [options: readonly string[], selected: string]>;

export interface BindingsConfigSchema {
  readonly id: string;
  readonly title: string;
  readonly description?: string;
  readonly inputType: BindingsConfigSchemaType;
}

export type BindingsMessage = Variant<'line', string> | Variant<'columns', readonly string[]>;

export interface BindingsAttachment {
  readonly name: string;
  readonly size: bigint;
  readonly createdDate?: string;
  readonly modifiedDate?: string;
  readonly messages: BigUint64Array;
  readonly data: Uint8Array;
}

export type BindingsYield =
  | Variant<'message', BindingsMessage>
  | Variant<'attachment', BindingsAttachment>
  | Variant<'message-and-attachment', readonly [BindingsMessage, BindingsAttachment]>;

export interface BindingsParseReturn {
  readonly value?: BindingsYield;
  readonly consumed: bigint;
}

export type BindingsParseError =
  | Variant<'unrecoverable' | 'parse', string>
  | { readonly tag: 'incomplete' }
  | { readonly tag: 'eof' };

export type BindingsInitError = Variant<'config' | 'io' | 'unsupported' | 'other', string>;

/** `result` errors are thrown as their payload. */
export interface ParserBindings {
  getVersion(): { readonly major: number; readonly minor: number; readonly patch: number };
  getConfigSchemas(): readonly BindingsConfigSchema[];
  getRenderOptions(): {
    readonly columnsOptions?: {
      readonly columns: readonly { readonly caption: string; readonly description: string; readonly width: number }[];
      readonly minWidth: number;
      readonly maxWidth: number;
    };
  };
  init(
    generalConfigs: { readonly logLevel: string },
    pluginConfigs: readonly { readonly id: string; readonly value: BindingsConfigValue }[],
  ): void;
  parse(data: Uint8Array, timestamp: bigint | undefined): readonly BindingsParseReturn[];
}

/** The types of `chipmunk-host:rows/times@0.1.0`. */
export interface TimesBindings {
  getItemTimes(): BigInt64Array;
}
