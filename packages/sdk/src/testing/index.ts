/** For tests of plugins. */
export {
  type InstanceOptions,
  type LogLine,
  loadByteSource,
  loadParser,
  type PluginInstance,
} from './plugin-instance.js';
export type {
  Attachment,
  ByteSourceExports,
  ConfigItem,
  ConfigSchema,
  ConfigValue,
  LogLevel,
  Message,
  ParseReturn,
  ParserExports,
  RenderOptions,
  Version,
} from './plugin-values.js';
