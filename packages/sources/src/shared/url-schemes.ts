/** The schemes of source-url.ts: what each names. What may stand behind its `?` are the options of the source. */
import { type OptionType, option } from '@chipmunk-host/runtime/internal/options';
import { PCAP_FILTERS } from './pcap-options.js';
import { SOURCES } from './source-table.js';

/** What a URL says, read by the form of its scheme. */
export interface UrlParts {
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
  readonly command?: string;
  readonly query: Readonly<Record<string, unknown>>;
}

/** One scheme of a URL. */
export interface UrlScheme {
  /** The member of `source` that it stands for. */
  readonly key: string;
  /** `address`: `//host:port`; `path`: with `//` before it or not; `command`: all that follows. */
  readonly form: 'address' | 'path' | 'command';
  readonly mayLackHost?: boolean;
  /** Names behind `?` that are no options of the source. */
  readonly also?: Readonly<Record<string, OptionType>>;
  /** For messages and help. */
  readonly example: string;
  options(parts: UrlParts): Readonly<Record<string, unknown>>;
}

const place = ({ query, ...at }: UrlParts) => ({ ...at, ...query });
const file = ({ path, query }: UrlParts) => ({ file: path, ...query });

const SCHEMES: Readonly<Record<string, UrlScheme>> = {
  tcp: { key: 'tcp', form: 'address', example: 'tcp://192.168.0.10:3490', options: place },
  'tcp-listen': {
    key: 'tcpListen',
    form: 'address',
    mayLackHost: true,
    example: 'tcp-listen://:3490',
    options: place,
  },
  udp: {
    key: 'udp',
    form: 'address',
    mayLackHost: true,
    also: {
      address: option.name,
      interface: option.name,
      group: option.listOf(option.name, 'a group, as ADDRESS or ADDRESS@INTERFACE'),
    },
    example: 'udp://239.255.42.99:3490?interface=eth0',
    options: udpOptions,
  },
  unix: { key: 'unix', form: 'path', example: 'unix:///run/log.sock', options: place },
  'unix-listen': { key: 'unixListen', form: 'path', example: 'unix-listen:///run/log.sock', options: place },
  exec: {
    key: 'process',
    form: 'command',
    example: "'exec:journalctl --follow'",
    options: ({ command }) => ({ command }),
  },
  serial: { key: 'serial', form: 'path', example: 'serial:///dev/ttyUSB0?baudRate=115200', options: place },
  follow: { key: 'follow', form: 'path', example: 'follow:/var/log/syslog', options: file },
  pcap: {
    key: 'pcap',
    form: 'path',
    also: PCAP_FILTERS,
    example: "'pcap:trace.pcapng?port=3490'",
    options: pcapOptions,
  },
};

/** Only those whose source is in the table. */
const KNOWN = Object.entries(SCHEMES).filter(([, { key }]) => Object.hasOwn(SOURCES, key));

export const SCHEME_NAMES: readonly string[] = KNOWN.map(([name]) => name);

/** Each scheme of {@link sourceFromUrl}, with an example. */
export const SOURCE_SCHEMES: readonly (readonly [name: string, example: string])[] = KNOWN.map(
  ([name, { example }]) => [name, example],
);

/** Undefined: no source is named so. */
export function schemeOf(name: string): UrlScheme | undefined {
  return SCHEME_NAMES.includes(name) ? SCHEMES[name] : undefined;
}

/** Filters stand beside the other options. */
function pcapOptions({ path, query }: UrlParts) {
  const isFilter = ([name]: readonly [string, unknown]) => Object.hasOwn(PCAP_FILTERS, name);
  const given = Object.entries(query);
  const filters = given.filter(isFilter);
  const others = Object.fromEntries(given.filter((one) => !isFilter(one)));
  return { file: path, ...others, ...(filters.length === 0 ? {} : { filters: Object.fromEntries(filters) }) };
}

/** A multicast address is a group to join, as are those of `group`; any other is the address to listen at. */
function udpOptions({ host, port, query: { interface: on, group = [], ...query } }: UrlParts) {
  const others = (group as readonly string[]).map((text) => {
    const [address, ...name] = text.split('@');
    return groupOf(address, name.length === 0 ? on : name.join('@'));
  });
  const isGroup = host !== undefined && isMulticast(host);
  const groups = isGroup ? [groupOf(host, on), ...others] : others;
  const address = host === undefined || isGroup ? {} : { address: host };
  return { port, ...address, ...(groups.length === 0 ? {} : { groups }), ...query };
}

function groupOf(address: unknown, on: unknown) {
  return on === undefined ? { address } : { address, interface: on };
}

/** 224.0.0.0/4 and ff00::/8. */
function isMulticast(address: string): boolean {
  const first = /^(\d{1,3})\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.exec(address)?.[1];
  return first === undefined ? /^ff[0-9a-f]{2}:/i.test(address) : Number(first) >= 224 && Number(first) <= 239;
}
