/**
 * The one table of built-in sources. A new source is a row here, its options in a file beside this one, its class in `worker` and a line in
 * `worker/source-modules.ts`. Workers import nothing but types of the files with options: checking them takes more code than a source does.
 */

import { absolutePath } from '@chipmunk-host/runtime/internal';
import { type OptionTable, option } from '@chipmunk-host/runtime/internal/options';
import { commandText } from './command-text.js';
import {
  FILES_REQUEST,
  FILES_SOURCE,
  type FilesRequest,
  type FilesSource,
  filesName,
  filesRequest,
} from './files-options.js';
import { FOLLOW, type FollowFileOptions } from './follow-options.js';
import { hostAndPort } from './host-and-port.js';
import { PCAP, type PcapOptions } from './pcap-options.js';
import { PROCESS, type ProcessOptions } from './process-options.js';
import { SERIAL, type SerialOptions } from './serial-options.js';
import { STANDARD_INPUT } from './standard-input.js';
import { TCP, TCP_LISTEN, type TcpListenOptions, type TcpOptions } from './tcp-options.js';
import { UDP, type UdpOptions } from './udp-options.js';
import { UNIX, UNIX_LISTEN, type UnixListenOptions, type UnixOptions } from './unix-options.js';

/** The options of each source, by its name: the key of an object that names one, such as `{ tcp: { host, port } }`. */
export interface SourceKinds {
  readonly files: FilesRequest;
  readonly pcap: PcapOptions;
  readonly process: ProcessOptions;
  readonly serial: SerialOptions;
  readonly tcp: TcpOptions;
  readonly follow: FollowFileOptions;
  readonly tcpListen: TcpListenOptions;
  readonly unix: UnixOptions;
  readonly unixListen: UnixListenOptions;
  readonly udp: UdpOptions;
}

/** The name of a built-in source. */
export type SourceKind = keyof SourceKinds;

/** Sources whose options stand under their names. Those of files stand beside the list of them. */
type NestedKind = Exclude<SourceKind, 'files'>;

/** A built-in source: an object with its options under its name, or files. */
export type BuiltInSource =
  | FilesSource
  | { readonly [Kind in NestedKind]: { readonly [Key in Kind]: SourceKinds[Kind] } }[NestedKind];

export interface SourceRow<Options> {
  /** What its options may be. */
  readonly options: OptionTable<Options>;
  /** Whether its bytes come in a stream, or in packets of which a parser gets each as a whole. */
  readonly delivers: 'stream' | 'packets';
  /** Whether it can be read again from an earlier position: files can, connections cannot. */
  readonly canGoBack: boolean;
  /** The schemes of URLs that name it on the command line. */
  readonly schemes: readonly string[];
  /** What batches call it. */
  name(options: Options): string;
  /** Its options without what cannot be passed to a worker. Default: as they are. */
  prepared?(options: Options): Options;
  /** How many inputs may come from it at once, each with a parser of its own. Default: one. */
  lanes?(options: Options): number;
}

export const SOURCES: { readonly [Kind in SourceKind]: SourceRow<SourceKinds[Kind]> } = {
  pcap: {
    options: PCAP,
    delivers: 'packets',
    canGoBack: false,
    schemes: ['pcap'],
    name: ({ file }) => (file === STANDARD_INPUT ? 'pcap:-' : file),
  },
  process: {
    options: PROCESS,
    delivers: 'stream',
    canGoBack: false,
    schemes: ['exec'],
    name: ({ command }) => `exec:${commandText(command)}`,
  },
  serial: {
    options: SERIAL,
    delivers: 'stream',
    canGoBack: false,
    schemes: ['serial'],
    name: ({ path }) => `serial://${path}`,
  },
  udp: {
    options: UDP,
    delivers: 'packets',
    canGoBack: false,
    schemes: ['udp'],
    name: ({ address, groups = [], port }) => `udp://${hostAndPort(groups[0]?.address ?? address ?? '', port)}`,
  },
  files: {
    options: FILES_REQUEST,
    delivers: 'stream',
    canGoBack: false,
    schemes: [],
    name: filesName,
  },
  tcp: {
    options: TCP,
    delivers: 'stream',
    canGoBack: false,
    schemes: ['tcp'],
    name: ({ host, port }) => `tcp://${hostAndPort(host, port)}`,
  },
  tcpListen: {
    options: TCP_LISTEN,
    delivers: 'stream',
    canGoBack: false,
    schemes: ['tcp-listen'],
    name: ({ host = '', port }) => `tcp-listen://${hostAndPort(host, port)}`,
    lanes: ({ clients = 1 }) => clients,
  },
  unix: {
    options: UNIX,
    delivers: 'stream',
    canGoBack: false,
    schemes: ['unix'],
    name: ({ path }) => `unix://${path}`,
  },
  unixListen: {
    options: UNIX_LISTEN,
    delivers: 'stream',
    canGoBack: false,
    schemes: ['unix-listen'],
    name: ({ path }) => `unix-listen://${path}`,
    lanes: ({ clients = 1 }) => clients,
  },
  follow: {
    options: FOLLOW,
    delivers: 'stream',
    canGoBack: true,
    schemes: ['follow'],
    name: ({ file }) => option.pathOf(file),
    prepared: (options) => ({ ...options, file: absolutePath(option.pathOf(options.file)) }),
  },
};

export const SOURCE_KINDS = Object.keys(SOURCES) as readonly SourceKind[];

/** Of an option that names a source: what may stand under each key. See `option.shapes`. */
export const BUILT_IN_SOURCES = {
  ...Object.fromEntries(
    SOURCE_KINDS.map((kind) => {
      const options: OptionTable<object> = SOURCES[kind].options;
      return [kind, { [kind]: option.required(option.options(options)) }];
    }),
  ),
  files: FILES_SOURCE,
} as { readonly [Kind in NestedKind]: OptionTable<{ readonly [Key in Kind]: SourceKinds[Kind] }> } & {
  readonly files: OptionTable<FilesSource>;
};

/** A source with what the table says of it. */
export interface FoundKind<Kind extends SourceKind = SourceKind> {
  readonly kind: Kind;
  readonly options: SourceKinds[Kind];
  readonly name: string;
  readonly lanes: number;
}

/** What the table says of the source that an object names, which is no plugin; undefined when it names none. */
export function builtInSource(source: object): FoundKind | undefined {
  const kind = SOURCE_KINDS.find((key) => (source as Partial<Record<string, unknown>>)[key] !== undefined);
  if (kind === undefined) return undefined;
  if (kind === 'files') return foundSource(kind, filesRequest(source as FilesSource));
  return foundSource(kind, (source as Record<NestedKind, never>)[kind]);
}

/** A source of that kind, with what the table says of it. */
export function foundSource<Kind extends SourceKind>(kind: Kind, options: SourceKinds[Kind]): FoundKind<Kind> {
  const row: SourceRow<SourceKinds[Kind]> = SOURCES[kind];
  return {
    kind,
    options: row.prepared?.(options) ?? options,
    name: row.name(options),
    lanes: row.lanes?.(options) ?? 1,
  };
}
