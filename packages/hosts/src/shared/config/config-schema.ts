/** The configuration of a plugin: its schema, its values, and how values are checked. */

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug', 'trace'] as const;
/** How important a line of a plugin's log is, from `error` to `trace`. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Of which type a value is, and what it is by default. */
export type ConfigType =
  | { readonly kind: 'boolean'; readonly default: boolean }
  /** Whole numbers of 32 bits. */
  | { readonly kind: 'integer'; readonly default: number }
  /** Numbers of 32 bits, not only finite ones. */
  | { readonly kind: 'float'; readonly default: number }
  | { readonly kind: 'text'; readonly default: string }
  /** Paths; none by default. */
  | { readonly kind: 'directories' }
  /** Paths; none by default. `extensions` is empty when all are allowed. */
  | { readonly kind: 'files'; readonly extensions: readonly string[] }
  | { readonly kind: 'dropdown'; readonly options: readonly string[]; readonly default: string };

/** One value that a plugin can be configured with, as the plugin describes it. */
export interface ConfigSchema {
  /** Unique in a plugin. */
  readonly id: string;
  readonly title: string;
  readonly description: string | undefined;
  readonly type: ConfigType;
}

/** A value as a caller gives it; which of these an id takes is its schema's affair. */
export type ConfigInput = boolean | number | string | readonly string[];

/** A value that fits its schema. */
export type ConfigValue =
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'directories'; readonly value: readonly string[] }
  | { readonly kind: 'files'; readonly value: readonly string[] }
  | { readonly kind: 'dropdown'; readonly value: string };

/** A value of a configuration, as the plugin gets it. */
export interface ConfigItem {
  readonly id: string;
  readonly value: ConfigValue;
}
