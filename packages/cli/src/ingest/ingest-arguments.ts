/** The arguments of `ingest`. */
import type { CompressionChoice, RecordOptions, SelectOptions } from '@chipmunk-host/manager';
import type { CountedItems } from '../formats/counts-text.js';
import type { FormatArguments } from '../formats/item-formats.js';
import type { Rotation } from '../output/rotated-files.js';
import type { ConfigPair, Variables } from '../terminal/option-values.js';
import type { PresetPlace } from './filter-preset.js';

export const SUMMARIES = ['text', 'json'] as const;
export type SummaryForm = (typeof SUMMARIES)[number];

/** Limits on plugins, and how their failures are handled. Undefined: the host's defaults. */
export interface LimitArguments {
  /** Infinity: no limit. */
  readonly deadlineMs: number | undefined;
  /** Infinity: the format's own limit. */
  readonly memoryBytes: number | undefined;
  /** 0: the first failure ends the session. Infinity: no limit. */
  readonly maxRestarts: number | undefined;
  /** Gaps without an item between them. Infinity: no limit. */
  readonly maxGaps: number | undefined;
  /** Environment variables that the plugins see. */
  readonly environment: Variables | undefined;
}

/** Which items are written. */
export interface SelectArguments {
  /** Of each input. */
  readonly select: SelectOptions;
  /** A filter preset of Chipmunk, beside `select`. */
  readonly preset: PresetPlace | undefined;
  /** What is counted in place of writing items. Undefined: they are written. */
  readonly count: CountedItems | undefined;
}

/** A spool that is written. */
export interface SpoolArguments {
  readonly directory: string;
  /** Infinity: no limit. */
  readonly maxBytes: number;
  /** Infinity: no limit. */
  readonly maxAgeMs: number;
  readonly compression: 'none' | 'zstd';
}

/** How the files of the command line are read. */
export interface FilesArguments {
  /** All files are one input. */
  readonly concat: boolean;
  /** A message may go on in the next file. */
  readonly join: boolean;
  /** The files are patterns. */
  readonly glob: boolean;
  /** Which files of directories are read. */
  readonly pattern: string | undefined;
  readonly oldestFirst: boolean;
  /** Undefined: what each file is. */
  readonly compression: CompressionChoice | undefined;
}

/** Of sources that are named by URLs. */
export interface SourceArguments {
  /** Whether a shell runs commands. */
  readonly shell: boolean;
  /** Whether the error output of commands is read, too. */
  readonly withStderr: boolean;
}

export interface IngestArguments extends FormatArguments, SelectArguments, SourceArguments {
  /** `-` is standard input. */
  readonly files: readonly string[];
  readonly filesAs: FilesArguments;
  /** A byte-source plugin, instead of files. */
  readonly source: string | undefined;
  readonly sourceConfig: readonly ConfigPair[];
  /** A saved configuration of the source. */
  readonly sourceProfile: string | undefined;
  /** Whether files are followed, and a source is asked again when it has nothing, for ever. */
  readonly follow: boolean;
  /** Where files that are followed are begun: lines before the end. Undefined: at the beginning. */
  readonly followFrom: 'beginning' | 'end' | number | undefined;
  /** When files that are followed end for which nothing comes, in milliseconds. Undefined: never. */
  readonly followIdleMs: number | undefined;
  /** File in which the run keeps where it is, and by which it goes on where the one before was. */
  readonly checkpoint: string | undefined;
  /** Whether an input that is another one than at the checkpoint is read from its start. */
  readonly startOver: boolean;
  /** Undefined: the configuration file names it, or it is the only one. */
  readonly parser: string | undefined;
  readonly config: readonly ConfigPair[];
  /** A saved configuration of the parser. */
  readonly profile: string | undefined;
  readonly configFile: string | undefined;
  readonly pluginsDirectory: string | undefined;
  /** Where batches are kept as they are. Undefined: nowhere. */
  readonly spool: SpoolArguments | undefined;
  /** Undefined, or `-`: stdout. */
  readonly output: string | undefined;
  /** Undefined: the output is one file. */
  readonly rotation: Rotation | undefined;
  /** Undefined: as text where somebody is likely to read it, or has to. */
  readonly summary: SummaryForm | undefined;
  /** Whether each item tells which input it comes from. Undefined: in ndjson, when there are several. */
  readonly withFilename: boolean | undefined;
  /** Whether lines in which columns were joined become columns. */
  readonly splitColumns: boolean;
  readonly verbose: boolean;
  /** Only errors, and the account that was asked for. */
  readonly quiet: boolean;
  /** Whether a terminal gets control characters as they are. */
  readonly raw: boolean;
  /** Whether errors hold the first bytes of the input that the plugin failed on. */
  readonly excerpts: boolean;
  readonly failOnGap: boolean;
  /** The share of an input that may be skipped, from 0 to 1. Undefined: all of it. */
  readonly failOnSkip: number | undefined;
  /** Instances of the parser on each file. */
  readonly parallel: number | undefined;
  /** How long an item may wait for others, in milliseconds. Undefined: the host's default. */
  readonly maxLatencyMs: number | undefined;
  /** Where what the source delivers is kept. */
  readonly record: RecordOptions | undefined;
  readonly limits: LimitArguments;
  readonly quarantineDirectory: string | undefined;
  readonly cpuProfileDirectory: string | undefined;
}
