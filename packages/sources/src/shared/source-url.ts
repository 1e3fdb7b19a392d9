/** Names of sources in one text, as the command line takes them: `tcp://host:3490`, `exec:COMMAND`. The schemes are in url-schemes.ts. */

import {
  nearestName,
  type OptionTable,
  type OptionType,
  option,
  requireOption,
} from '@chipmunk-host/runtime/internal/options';
import { HostError } from '@chipmunk-host/runtime/internal/shared';
import { BUILT_IN_SOURCES, type BuiltInSource, SOURCES, type SourceKind } from './source-table.js';
import { SCHEME_NAMES, schemeOf, type UrlParts, type UrlScheme } from './url-schemes.js';

/** How a URL begins: letters, digits, `+`, `-` and `.`, and a colon. One letter is a drive of Windows. */
const SCHEME = /^([a-z][a-z0-9+.-]+):/i;

/**
 * What a name says, as the `source` of a session: `{ tcp: { host, port } }`. Undefined: it is no URL of a known source, so it is the name
 * of a file. A file whose name begins like a URL is named with its folder: `./tcp:x`.
 * @throws HostError `ERR_INVALID_OPTION` that names what is wrong with a URL of a known source
 */
export function sourceFromUrl(text: string): BuiltInSource | undefined {
  const name = SCHEME.exec(text)?.[1]?.toLowerCase();
  if (name === undefined) return undefined;
  const scheme = schemeOf(name);
  if (scheme === undefined) {
    if (text.startsWith('//', name.length + 1)) requireNoSlip(name, text);
    return undefined;
  }
  const reader = new UrlReader(text, scheme);
  const named = { [scheme.key]: scheme.options(reader.parts(text.slice(name.length + 1))) };
  requireOption(option.options(BUILT_IN_SOURCES[scheme.key as SourceKind] as OptionTable<unknown>), named, 'source');
  return named as unknown as BuiltInSource;
}

/** A file is hardly called `tcpp://host:3490`. @throws HostError `ERR_INVALID_OPTION` for a scheme that is nearly a known one */
function requireNoSlip(name: string, text: string): void {
  const nearest = nearestName(name, SCHEME_NAMES);
  if (nearest === undefined) return;
  const message = `The source '${shown(text)}' cannot be used: '${name}' is no scheme; '${nearest}' was probably meant.`;
  const help = `The schemes are ${SCHEME_NAMES.join(', ')}. A file of that name is written './${shown(text)}'.`;
  throw new HostError('ERR_INVALID_OPTION', message, { help });
}

class UrlReader {
  readonly #text: string;
  readonly #scheme: UrlScheme;

  constructor(text: string, scheme: UrlScheme) {
    this.#text = text;
    this.#scheme = scheme;
  }

  parts(rest: string): UrlParts {
    const { form } = this.#scheme;
    if (form === 'command') {
      if (rest.trim() === '') throw this.#fault('it names no command');
      return { command: rest, query: {} };
    }
    const at = rest.indexOf('?');
    const place = at < 0 ? rest : rest.slice(0, at);
    const query = this.#query(at < 0 ? '' : rest.slice(at + 1));
    return form === 'path' ? { path: this.#path(place), query } : { ...this.#address(place), query };
  }

  #path(place: string): string {
    const path = decoded(place.startsWith('//') ? place.slice(2) : place);
    if (path === '') throw this.#fault('it names no path');
    return path;
  }

  #address(place: string): { readonly host?: string; readonly port: number } {
    if (!place.startsWith('//')) throw this.#fault("'//' is missing behind the scheme");
    const address = place.slice(2).replace(/\/$/, '');
    const [, bracketed, plain = '', digits] = /^(?:\[([^\]]*)\]|([^:/@[\]]*))(?::([^:]*))?$/.exec(address) ?? [];
    const host = decoded(bracketed ?? plain);
    if (address !== '' && bracketed === undefined && plain === '' && digits === undefined)
      throw this.#fault(`'${address}' is no host and port; an IPv6 address has brackets, [::1]:3490`);
    if (digits === undefined || digits === '') throw this.#fault('the port is missing');
    const port = /^\d{1,5}$/.test(digits) ? Number(digits) : Number.NaN;
    if (!(port <= 65_535)) throw this.#fault(`its port is '${digits}'; expected a whole number from 0 to 65535`);
    if (host === '' && !this.#scheme.mayLackHost) throw this.#fault('the host is missing');
    return host === '' ? { port } : { host, port };
  }

  #query(text: string): Readonly<Record<string, unknown>> {
    const { key, also, options } = this.#scheme;
    const place = options({ host: '', port: 0, path: '', command: '', query: {} });
    const own = Object.entries(SOURCES[key as SourceKind].options as Readonly<Record<string, OptionType>>);
    // What stands before the `?` is not named once more behind it.
    const types = new Map([...own.filter(([name]) => !Object.hasOwn(place, name)), ...Object.entries(also ?? {})]);
    const values = new Map<string, unknown[]>();
    for (const [name, value] of new URLSearchParams(text)) {
      const type = types.get(name);
      if (type === undefined) throw this.#unknown(name, [...types.keys()]);
      const before = values.get(name) ?? [];
      values.set(name, [...before, this.#value(name, value, type, before.length > 0)]);
    }
    return Object.fromEntries([...values].map(([name, all]) => [name, this.#joined(name, all, types.get(name))]));
  }

  /** One of the values that a text can stand for. @param isOneOfMany it was given before */
  #value(name: string, text: string, type: OptionType, isOneOfMany: boolean): unknown {
    const candidates: unknown[] = [];
    if (text === '' || text === 'true') candidates.push(true);
    if (text === 'false') candidates.push(false);
    if (text === 'none') candidates.push(Number.POSITIVE_INFINITY);
    if (/^-?\d+(\.\d+)?$/.test(text)) candidates.push(Number(text));
    candidates.push(text);
    const found = candidates.find((value) => type.accepts(value) || type.accepts([value]));
    if (found !== undefined) return found;
    const known = isOneOfMany ? `one of ${type.expected}` : type.expected;
    throw this.#fault(`'${name}' is '${text}'; expected ${known}`);
  }

  #joined(name: string, values: readonly unknown[], type: OptionType | undefined): unknown {
    const [first] = values;
    if (values.length === 1 && type?.accepts(first) === true) return first;
    if (type?.accepts(values) === true) return values;
    throw this.#fault(`'${name}' is given twice`);
  }

  #unknown(name: string, known: readonly string[]): HostError {
    const nearest = nearestName(name, known);
    const meant = nearest === undefined ? '' : `; '${nearest}' was probably meant`;
    const all = known.length === 0 ? 'It has none.' : `It has: ${known.join(', ')}.`;
    return this.#fault(`it has no option '${name}'${meant}`, all);
  }

  #fault(what: string, help = `Write it like this: ${this.#scheme.example}`): HostError {
    const message = `The source '${shown(this.#text)}' cannot be used: ${what}.`;
    return new HostError('ERR_INVALID_OPTION', message, { help });
  }
}

/** A `%` that begins no code stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function shown(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
