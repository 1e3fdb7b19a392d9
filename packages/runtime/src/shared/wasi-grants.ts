/**
 * What a plugin is given of the machine through WASI, and the bounds it is kept in: plain data that crosses from the main
 * thread to the plugin's worker. Nothing is given that is not named here.
 */

export interface WasiGrants {
  /** Environment variables that the plugin sees. Default: none. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Arguments, the program's name included. Default: none. */
  readonly arguments?: readonly string[] | undefined;
  /** Directories that the plugin may open, each under a path of its own. Default: none. */
  readonly directories?: readonly DirectoryGrant[] | undefined;
  /** One directory to write to, bounded. Default: none. */
  readonly temporaryDirectory?: TemporaryDirectoryGrant | undefined;
  /** A clock that does not follow the machine's, for runs that must repeat exactly. Default: the machine's. */
  readonly clock?: FixedClock | undefined;
  /** Seed of a generator that stands in for the machine's randomness, for runs that must repeat exactly. Default: none. */
  readonly randomSeed?: number | undefined;
}

export interface DirectoryGrant {
  /** The path under which the plugin finds the directory. */
  readonly guestPath: string;
  /** The directory itself; it must exist. Links in this path are followed once, when the grant is made. */
  readonly hostPath: string;
  readonly access: 'read' | 'read-write';
  /** Names directly in the directory: all that the plugin sees of it are these files and trees. Default: everything. */
  readonly only?: readonly string[] | undefined;
}

export interface TemporaryDirectoryGrant {
  readonly guestPath: string;
  /** Created, for its owner only, when the plugin first uses it. The caller removes it. */
  readonly hostPath: string;
  readonly quota?: Partial<StorageQuotaLimits> | undefined;
}

export interface StorageQuotaLimits {
  /** Bytes of all files together. Default 256 MiB. */
  readonly totalBytes: number;
  /** Bytes of one file. Default 128 MiB. */
  readonly fileBytes: number;
  /** Files, directories and links. Default 10,000. */
  readonly entries: number;
  /** Names in the longest path below the directory, the last one included. Default 64. */
  readonly depth: number;
  /** Bytes of the longest path below the directory, each name with its separator. Default 2,048: half of what Linux takes. */
  readonly pathBytes: number;
}

/** Starts at a given time; each reading adds a step, and sleeping adds the time slept without waiting. */
export interface FixedClock {
  /** Milliseconds since 1970 at the start. */
  readonly unixMs: number;
  /** Nanoseconds that pass with each reading. Default 0: time stands still but for sleeping. */
  readonly stepNs?: number | undefined;
}

/** A limit of 0 allows nothing of its kind; `lineBytes` and `readBytes` are at least 1. */
export interface WasiLimits {
  /** Files and directories that the plugin holds open at a time. Default 64. */
  readonly openFiles: number;
  /** Resources of every kind (files, streams, timers, errors) that it holds at a time. Default 1,024. */
  readonly handles: number;
  /** Bytes of one path or of a link's target. Default 4,096, as on Linux. */
  readonly pathBytes: number;
  /** Bytes of one random list. Default 1 MiB: they are made in place, so they cost time and no memory. */
  readonly randomBytes: number;
  /** Bytes that one call reads at most; the plugin calls again for more. Default 1 MiB. */
  readonly readBytes: number;
  /** Bytes of one line of stdout or stderr; longer ones are split. Default 16 KiB. */
  readonly lineBytes: number;
  /** Bytes of stdout and stderr, each, that are passed on in a second; the rest is dropped and counted. Default 1 MiB; 0: none. */
  readonly outputBytesPerSecond: number;
  /** Last lines of stderr that are kept for error messages. Default 20. */
  readonly stderrLines: number;
  /** Milliseconds that one call sleeps at most; a longer sleep ends early. Default 60,000. */
  readonly sleepMs: number;
}

export const DEFAULT_STORAGE_QUOTA: StorageQuotaLimits = {
  totalBytes: 256 * 1024 * 1024,
  fileBytes: 128 * 1024 * 1024,
  entries: 10_000,
  depth: 64,
  pathBytes: 2048,
};

export const DEFAULT_WASI_LIMITS: WasiLimits = {
  openFiles: 64,
  handles: 1024,
  pathBytes: 4096,
  randomBytes: 1024 * 1024,
  readBytes: 1024 * 1024,
  lineBytes: 16 * 1024,
  outputBytesPerSecond: 1024 * 1024,
  stderrLines: 20,
  sleepMs: 60_000,
};
