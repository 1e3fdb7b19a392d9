/**
 * The one table of API versions: by which export a plugin is known, what it may import, and which adapter runs it. A new version is
 * a row here and a folder beside this file. The adapters are loaded in a plugin's worker only.
 */
import { type CompiledComponent, PluginInvalidError } from '@chipmunk-host/runtime/internal/shared';
import type { PluginKind } from '../shared/plugin-info.js';
import type { ByteSourceFactory } from './contract/byte-source-adapter.js';
import type { ParserFactory } from './contract/parser-adapter.js';
import { TIMES_INTERFACE } from './contract/times-interface.js';

interface ApiVersion {
  readonly version: string;
  /** The export by which a plugin of that kind is known. */
  readonly exports: Readonly<Record<PluginKind, string>>;
  /** Interfaces of Chipmunk that a plugin may import. */
  readonly imports: readonly string[];
  loadParser(component: CompiledComponent): Promise<ParserFactory>;
  loadByteSource(component: CompiledComponent): Promise<ByteSourceFactory>;
}

const VERSIONS: readonly ApiVersion[] = [
  {
    version: '0.1.0',
    exports: { parser: 'chipmunk:parser/parser', bytesource: 'chipmunk:bytesource/byte-source' },
    imports: [
      'chipmunk:shared/logging',
      'chipmunk:shared/sandbox',
      'chipmunk:shared/shared-types',
      'chipmunk:parser/parse-types',
      'chipmunk:bytesource/bytesource-types',
    ],
    loadParser: async (component) => (await import('./v0_1_0/parser/parser-v0_1_0.js')).ParserV0_1_0.load(component),
    loadByteSource: async (component) =>
      (await import('./v0_1_0/byte-source/byte-source-v0_1_0.js')).ByteSourceV0_1_0.load(component),
  },
];

const KINDS: readonly PluginKind[] = ['parser', 'bytesource'];
/** Interfaces of WASI preview 2, of any 0.2 version. Which functions of them do something is in docs/security.md. */
const WASI_IMPORT = /^wasi:(?:cli|clocks|filesystem|http|io|random|sockets)\/[a-z0-9-]+@0\.2(?:\.\d+)?$/;

export interface PluginIdentity {
  readonly kind: PluginKind;
  /** Version of Chipmunk's plugin interface, such as `0.1.0`. */
  readonly apiVersion: string;
}

/** @throws PluginInvalidError when the component is not a plugin that this host can run */
export function identifyPlugin({ exports, imports }: CompiledComponent): PluginIdentity {
  const [first] = exports;
  if (first === undefined) throw new PluginInvalidError(`The component exports nothing; expected ${EXPECTED}.`);
  const [name, apiVersion] = split(first);
  const kind = KINDS.find((kind) => VERSIONS.some(({ exports }) => exports[kind] === name));
  if (kind === undefined || apiVersion === undefined)
    throw new PluginInvalidError(`The component exports ${first}; expected ${EXPECTED}.`, {
      ...(exports.some((name) => EXPECTED_NAMES.has(split(name)[0])) ? { help: NOT_FIRST } : {}),
    });
  requireKnownImports(imports, versionOf(apiVersion, kind));
  return { kind, apiVersion };
}

/** Whether a parser can give the times of its items. */
export function givesTimes({ exports }: CompiledComponent): boolean {
  return exports.includes(TIMES_INTERFACE);
}

/** @throws PluginInvalidError for an unsupported version; otherwise what makes instances of the parser */
export function loadParserAdapter(apiVersion: string, component: CompiledComponent): Promise<ParserFactory> {
  return versionOf(apiVersion, 'parser').loadParser(component);
}

/** As `loadParserAdapter`, for a byte-source. */
export function loadByteSourceAdapter(apiVersion: string, component: CompiledComponent): Promise<ByteSourceFactory> {
  return versionOf(apiVersion, 'bytesource').loadByteSource(component);
}

const NOT_FIRST =
  "Hosts know a plugin by its first export. Name the plugin's own interface in its world with `export`, before all others: what `include` brings comes last.";
const EXPECTED_NAMES = new Set(VERSIONS.flatMap(({ exports }) => Object.values(exports)));
const EXPECTED = KINDS.flatMap((kind) => VERSIONS.map(({ exports, version }) => `${exports[kind]}@${version}`)).join(
  ' or ',
);

function versionOf(apiVersion: string, kind: PluginKind): ApiVersion {
  const found = VERSIONS.find(({ version }) => version === apiVersion);
  if (found !== undefined) return found;
  const supported = VERSIONS.map(({ version }) => version).join(', ');
  throw new PluginInvalidError(
    `Unsupported ${kind === 'parser' ? 'parser' : 'byte-source'} API version ${apiVersion}; supported: ${supported}.`,
  );
}

function requireKnownImports(imports: readonly string[], { imports: known, version }: ApiVersion): void {
  const unknown = imports.filter((name) => {
    const [base, itsVersion] = split(name);
    return !(WASI_IMPORT.test(name) || (known.includes(base) && itsVersion === version));
  });
  if (unknown.length === 0) return;
  throw new PluginInvalidError(`The plugin imports ${unknown.join(', ')}, which this host does not offer.`);
}

function split(name: string): [base: string, version: string | undefined] {
  const at = name.lastIndexOf('@');
  return at < 0 ? [name, undefined] : [name.slice(0, at), name.slice(at + 1)];
}
