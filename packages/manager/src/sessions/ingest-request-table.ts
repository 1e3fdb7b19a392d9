/** What each part of a request for a session may be. */
import {
  configSource,
  denials,
  PLAIN_SOURCES,
  PLUGIN_SOURCE_OPTIONS,
  SESSION_OPTIONS,
} from '@chipmunk-host/hosts/internal';
import { type OptionTable, option, optionsFromJson, requireOptions } from '@chipmunk-host/runtime/internal/options';
import type { IngestRequest, ParserUse, PluginUse, SourcePluginUse } from './ingest-request.js';

/** A name, a path, or the binary itself. */
const plugin = option.either(option.name, option.bytes);

const PLUGIN_USE: OptionTable<PluginUse> = {
  plugin: option.required(plugin),
  profile: option.name,
  deny: denials,
  memoryBytes: option.limit(1, Number.MAX_SAFE_INTEGER),
};

const PARSER_USE: OptionTable<ParserUse> = { ...PLUGIN_USE, config: configSource };

const { plugin: _label, info: _told, ...sourceOptions } = PLUGIN_SOURCE_OPTIONS;
const SOURCE_USE: OptionTable<SourcePluginUse> = { ...sourceOptions, ...PLUGIN_USE };

const { plugin: _name, config: _config, info: _known, ...sessionOptions } = SESSION_OPTIONS;
const REQUEST: OptionTable<IngestRequest> = {
  source: option.required(
    option.shapes({ ...PLAIN_SOURCES, plugin: SOURCE_USE }, "Name a file like this: `source: { file: 'trace.log' }`."),
  ),
  parser: option.required(
    option.withHelp("Name a plugin like this: `parser: { plugin: 'string-parser' }`.", option.options(PARSER_USE)),
  ),
  ...sessionOptions,
  parallel: option.whole(1),
};

/**
 * A request out of JSON, such as a server gets it: what `JSON.parse` made of it. JSON has no Infinity: there a limit that is not to be
 * is the text `none`, as on the command line. Functions, streams, signals and binaries have no form in JSON; add them to the result.
 * @throws HostError `ERR_INVALID_OPTION` naming the option, its value and what is allowed
 */
export function ingestRequestFromJson(json: unknown): IngestRequest {
  const request = optionsFromJson('The request', json, REQUEST);
  requireRequest(request);
  return request;
}

/** @throws HostError `ERR_INVALID_OPTION` naming the option, its value and what is allowed */
export function requireRequest(request: IngestRequest): void {
  requireOptions('The request', request, REQUEST);
}
