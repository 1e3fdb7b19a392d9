export * from './batch-format.js';
export * from './config-schema.js';
export * from './messages.js';
export * from './nearest-name.js';
export * from './plugin-info.js';
export * from './resolve-config.js';
export * from './run-status.js';
export * from './stream-record.js';
