/**
 * What is kept of a plugin that was looked into, as JSON and back. Nothing read from a file is believed before it has been held
 * against the shape that it must have: whatever does not fit throws.
 */
import type { ColumnInfo, ConfigSchema, ConfigType, PluginVersion, RenderOptions } from '@chipmunk-host/hosts';
import { requireClaims } from '@chipmunk-host/hosts/internal';
import type { SerializedError } from '@chipmunk-host/runtime';
import { fail, list, numberIn, oneOf, record, text } from '../../shared/json-shape.js';
import type { ExaminedPlugin, PluginInfo } from '../plugin-info.js';

/** What looking into a binary came to. */
export type ExaminationResult =
  | { readonly kind: 'loaded'; readonly plugin: ExaminedPlugin }
  | { readonly kind: 'failed'; readonly error: SerializedError };

/** Errors whose evidence is in the binary, which meets them again. Others may be the machine's, and another try may succeed. */
const LASTING_CODES = ['ERR_PLUGIN_INVALID', 'ERR_PLUGIN_TRAP', 'ERR_PLUGIN_MEMORY', 'ERR_PLUGIN_CONTRACT'] as const;
const PHASES = ['load', 'instantiate', 'info', 'init', 'parse', 'read', 'close'] as const;
const MAX_MESSAGE_LENGTH = 16 * 1024;
const API_VERSION = /^\d{1,5}\.\d{1,5}\.\d{1,5}$/;

/** Errors that say nothing of the binary: it was not looked into then, whatever it is. */
const ENVIRONMENT_CODES: readonly (string | undefined)[] = [
  'ERR_ENVIRONMENT',
  'ERR_PLUGIN_LOST',
  // A machine that is busy, or a process that is suspended, makes any plugin late.
  'ERR_PLUGIN_TIMEOUT',
];
/** Codes of system calls, such as EACCES. */
const SYSTEM_CODE = /^E[A-Z0-9]+$/;

/** Whether a failure is worth remembering. A file that could not be read says nothing of what is in it. */
export function isLasting({ code, cause }: SerializedError): boolean {
  return (LASTING_CODES as readonly (string | undefined)[]).includes(code) && !SYSTEM_CODE.test(cause?.code ?? '');
}

/** Whether a failure leaves open what the binary is. */
export function isEnvironmental({ code }: SerializedError): boolean {
  return ENVIRONMENT_CODES.includes(code);
}

/** Without what is of this run alone, such as the stack. */
export function lastingError({ name, message, code, help, phase }: SerializedError): SerializedError {
  return { name, message: message.slice(0, MAX_MESSAGE_LENGTH), code, help, phase };
}

export function encodeResult(result: ExaminationResult): unknown {
  if (result.kind === 'failed') return { ...result, error: lastingError(result.error) };
  const { info, ...rest } = result.plugin;
  return {
    kind: 'loaded',
    plugin: { ...rest, info: { ...info, configSchemas: info.configSchemas.map(encodeSchema) } },
  };
}

/** @param hash that of the binary, under which the result was kept */
export function decodeResult(value: unknown, hash: string): ExaminationResult {
  const result = record(value);
  switch (oneOf(result.kind, ['loaded', 'failed'])) {
    case 'loaded':
      return { kind: 'loaded', plugin: decodePlugin(result.plugin, hash) };
    case 'failed':
      return { kind: 'failed', error: decodeError(result.error) };
  }
}

function decodeError(value: unknown): SerializedError {
  const error = record(value);
  return {
    name: text(error.name),
    message: text(error.message),
    code: oneOf(error.code, LASTING_CODES),
    help: error.help === undefined ? undefined : text(error.help),
    phase: error.phase === undefined ? undefined : oneOf(error.phase, PHASES),
  };
}

function decodePlugin(value: unknown, hash: string): ExaminedPlugin {
  const plugin = record(value);
  const kind = oneOf(plugin.kind, ['parser', 'bytesource']);
  const apiVersion = text(plugin.apiVersion);
  if (!API_VERSION.test(apiVersion)) fail('a version', apiVersion);
  if (plugin.hash !== hash) fail(`the hash ${hash}`, plugin.hash);
  const imports = list(plugin.imports).map(text);
  const { givesTimes } = plugin;
  if (typeof givesTimes !== 'boolean') return fail('true or false', givesTimes);
  const info = decodeInfo(plugin.info);
  if (info.kind !== kind) fail(kind, info.kind);
  requireClaims(info);
  return { hash, kind, apiVersion, imports, givesTimes, info };
}

function decodeInfo(value: unknown): PluginInfo {
  const info = record(value);
  const version = decodeVersion(info.version);
  const configSchemas = list(info.configSchemas).map(decodeSchema);
  switch (oneOf(info.kind, ['parser', 'bytesource'])) {
    case 'parser':
      return { kind: 'parser', version, configSchemas, renderOptions: decodeRenderOptions(info.renderOptions) };
    case 'bytesource':
      return { kind: 'bytesource', version, configSchemas };
  }
}

function decodeVersion(value: unknown): PluginVersion {
  const { major, minor, patch } = record(value);
  return { major: numberIn(major, 0, 0xffff), minor: numberIn(minor, 0, 0xffff), patch: numberIn(patch, 0, 0xffff) };
}

function decodeRenderOptions(value: unknown): RenderOptions {
  const { columns } = record(value);
  if (columns === undefined) return { columns: undefined };
  const options = record(columns);
  return {
    columns: {
      columns: list(options.columns).map(decodeColumn),
      minWidth: numberIn(options.minWidth, 0, 0xffff),
      maxWidth: numberIn(options.maxWidth, 0, 0xffff),
    },
  };
}

function decodeColumn(value: unknown): ColumnInfo {
  const { caption, description, width } = record(value);
  return { caption: text(caption), description: text(description), width: numberIn(width, -0x8000, 0x7fff) };
}

/** JSON has no infinities, no NaN and no negative zero: defaults of floats are kept as text. */
function encodeSchema({ type, ...rest }: ConfigSchema): unknown {
  if (type.kind !== 'float') return { ...rest, type };
  return { ...rest, type: { kind: 'float', default: Object.is(type.default, -0) ? '-0' : String(type.default) } };
}

function decodeSchema(value: unknown): ConfigSchema {
  const schema = record(value);
  return {
    id: text(schema.id),
    title: text(schema.title),
    description: schema.description === undefined ? undefined : text(schema.description),
    type: decodeType(schema.type),
  };
}

function decodeType(value: unknown): ConfigType {
  const type = record(value);
  const kind = oneOf(type.kind, ['boolean', 'integer', 'float', 'text', 'directories', 'files', 'dropdown']);
  switch (kind) {
    case 'boolean':
      if (typeof type.default !== 'boolean') return fail('true or false', type.default);
      return { kind, default: type.default };
    case 'integer':
      return { kind, default: numberIn(type.default, -0x8000_0000, 0x7fff_ffff) };
    case 'float':
      return { kind, default: decodeFloat(text(type.default)) };
    case 'text':
      return { kind, default: text(type.default) };
    case 'directories':
      return { kind };
    case 'files':
      return { kind, extensions: list(type.extensions).map(text) };
    case 'dropdown':
      return { kind, options: list(type.options).map(text), default: text(type.default) };
  }
}

function decodeFloat(written: string): number {
  const number = Number(written);
  if (written.trim() !== written || written === '' || (Number.isNaN(number) && written !== 'NaN'))
    return fail('a number', written);
  return number;
}
