/** What a user asked of `ingest`. */

export const FORMATS = ['text', 'ndjson', 'msgpack', 'none'] as const;
export type FormatName = (typeof FORMATS)[number];

export const SUMMARIES = ['text', 'json'] as const;
export type SummaryForm = (typeof SUMMARIES)[number];

export interface IngestArguments {
  readonly files: readonly string[];
  /** Undefined: the configuration file names it. */
  readonly parser: string | undefined;
  readonly config: readonly (readonly [id: string, text: string])[];
  readonly configFile: string | undefined;
  readonly pluginsDirectory: string | undefined;
  readonly format: FormatName;
  /** Undefined, or `-`: stdout. */
  readonly output: string | undefined;
  /** Undefined: as text where somebody is likely to read it. */
  readonly summary: SummaryForm | undefined;
  readonly separator: string;
  readonly verbose: boolean;
}
