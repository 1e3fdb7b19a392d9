/** What a component is to this host, by its exports and imports: kind and API version, or why it is none of ours. */
import { type CompiledComponent, PluginInvalidError } from '@chipmunk-host/runtime';
import type { PluginKind } from '../shared/plugin-info.js';

const KINDS: readonly { readonly kind: PluginKind; readonly pattern: RegExp; readonly versions: readonly string[] }[] =
  [
    { kind: 'parser', pattern: /^chipmunk:parser\/parser@(.+)$/, versions: ['0.1.0'] },
    { kind: 'bytesource', pattern: /^chipmunk:bytesource\/byte-source@(.+)$/, versions: ['0.1.0'] },
  ];
const EXPECTED = 'chipmunk:parser/parser@0.1.0 or chipmunk:bytesource/byte-source@0.1.0';
/** What a plugin may import: the functions that the host has, interfaces of types alone, and WASI preview 2. */
const KNOWN_IMPORT =
  /^(?:wasi:(?:cli|clocks|filesystem|http|io|random|sockets)\/[a-z0-9-]+@0\.2(?:\.\d+)?|chipmunk:(?:shared\/(?:logging|sandbox|shared-types)|parser\/parse-types|bytesource\/bytesource-types)@0\.1\.0)$/;

export interface PluginIdentity {
  readonly kind: PluginKind;
  readonly apiVersion: string;
}

/** @throws PluginInvalidError when the component is not a plugin that this host can run. */
export function identifyPlugin(component: CompiledComponent): PluginIdentity {
  const [first] = component.exports;
  if (first === undefined) throw new PluginInvalidError(`The component exports nothing; expected ${EXPECTED}.`);
  for (const { kind, pattern, versions } of KINDS) {
    const apiVersion = pattern.exec(first)?.[1];
    if (apiVersion === undefined) continue;
    if (!versions.includes(apiVersion))
      throw new PluginInvalidError(
        `The plugin is of API version ${apiVersion}, which is not known; expected ${versions.join(' or ')}.`,
      );
    requireKnownImports(component);
    return { kind, apiVersion };
  }
  throw new PluginInvalidError(`The component exports ${first}; expected ${EXPECTED}.`);
}

function requireKnownImports(component: CompiledComponent): void {
  const unknown = component.imports.filter((name) => !KNOWN_IMPORT.test(name));
  if (unknown.length === 0) return;
  throw new PluginInvalidError(`The plugin imports ${unknown.join(', ')}, which this host does not offer.`);
}
