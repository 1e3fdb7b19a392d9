/** What a session takes from a manager: plugins by reference, and everything else as in hosts. */
import type {
  ConfigSource,
  Denials,
  FileSource,
  IngestOptions,
  MemorySource,
  PluginSourceOptions,
  StreamInput,
} from '@chipmunk-host/hosts';
import type { BuiltInSource } from '@chipmunk-host/sources';
import type { PluginReference } from '../shared/plugin-id.js';

/** A plugin, and how it is compiled. */
export interface PluginUse {
  readonly plugin: PluginReference;
  /** Name of a saved configuration of the plugin, which must be one of the list; values of `config` win over it. Default: none. */
  readonly profile?: string | undefined;
  /** What is withheld of the files, directories, variables that it would be granted; see `permissions`. Default: nothing. */
  readonly deny?: Denials | undefined;
  /** To how much the memories of an instance may grow together, in bytes. Default 512 MiB; Infinity: no limit but the format's 4 GiB each. */
  readonly memoryBytes?: number | undefined;
}

export interface ParserUse extends PluginUse {
  /** Default: the defaults of the plugin's schemas. */
  readonly config?: ConfigSource | undefined;
}

/** A byte-source plugin. Its limits and grants are its own: those of the request are the parser's. */
export interface SourcePluginUse extends PluginUse, Omit<PluginSourceOptions, 'component' | 'plugin' | 'info'> {}

/** Where the bytes of a session come from: a file, a stream, a byte-source plugin, or a built-in source. */
export type IngestSource =
  /**
   * Path or file: URL of a file, which is opened once, before `ingest` resolves. FIFOs and devices are read to their end. See
   * `SourceOptions`.
   */
  | FileSource
  /** Bytes that arrive in this process. Not touched when the session does not start; else let go at its end. */
  | StreamInput
  /** Bytes in memory, a Blob, or a file that this process has opened. */
  | MemorySource
  | SourcePluginUse
  /** A built-in source, which runs in a worker of its own: `{ tcp: { host, port } }` and the like. */
  | BuiltInSource;

/** What a session takes, as in hosts' `IngestSession.open`; components and the pool are the manager's affair. */
export interface IngestRequest
  extends Omit<IngestOptions, 'component' | 'pool' | 'plugin' | 'info' | 'config' | 'source' | 'parallel'> {
  readonly source: IngestSource;
  readonly parser: ParserUse;
  /**
   * How many instances of the parser work on the file at once, each in a worker of its own; the items and their order are the
   * same. For parsers whose boundaries are patterns, `summary.splits` says whether more than one could be at work. Default 1. More are refused with `ERR_INVALID_OPTION` for a parser whose metadata do not say where its
   * input can be split (`parallel-boundary` in `[chipmunk-host]`), and for sources other than files.
   */
  readonly parallel?: number | undefined;
}
