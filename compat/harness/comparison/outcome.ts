/** What a run over one input came to, and what two of them have not in common. */

export interface RunError {
  readonly code: string;
  readonly message: string;
}

export interface Outcome {
  /** The items, as `chipmunk-host ingest --format ndjson` writes them. */
  readonly ndjson: string;
  readonly items: number;
  /** Bytes of the input that are accounted for. */
  readonly bytes: number;
  /** The part of them that is in no item. */
  readonly skippedBytes: number;
  readonly error: RunError | undefined;
}

/** Codes of errors whose message is the plugin's own, with the name of its case behind it where there are several. */
const PLUGINS_OWN = new Set(['ERR_PLUGIN_INIT', 'ERR_SOURCE_READ']);

/** One line for each difference; none when they are the same. */
export function differences(ours: Outcome, theirs: Outcome): string[] {
  const found: string[] = [];
  if (!saysTheSame(ours.error, theirs.error))
    found.push(`error: ${shown(ours.error)} instead of ${shown(theirs.error)}`);
  for (const count of ['items', 'bytes', 'skippedBytes'] as const)
    if (ours[count] !== theirs[count]) found.push(`${count}: ${ours[count]} instead of ${theirs[count]}`);
  if (ours.ndjson !== theirs.ndjson) found.push(firstDifference(ours.ndjson, theirs.ndjson));
  return found;
}

/** Whether two errors are the same. What a host itself says of a failure is its own affair; what the plugin said is not. */
export function saysTheSame(ours: RunError | undefined, theirs: RunError | undefined): boolean {
  if (ours === undefined || theirs === undefined) return ours === theirs;
  return ours.code === theirs.code && (!PLUGINS_OWN.has(ours.code) || ours.message === theirs.message);
}

/** Paths of a run's own directory become a name that is the same on every machine. */
export function withoutPaths(outcome: Outcome, directory: string): Outcome {
  const anywhere = (text: string) => text.replaceAll(directory, '/files');
  const { error, ndjson } = outcome;
  return {
    ...outcome,
    ndjson: anywhere(ndjson),
    error: error === undefined ? undefined : { ...error, message: anywhere(error.message) },
  };
}

function shown(error: RunError | undefined): string {
  return error === undefined ? 'none' : `${error.code} (${error.message})`;
}

function firstDifference(ours: string, theirs: string): string {
  const [lines, others] = [ours.split('\n'), theirs.split('\n')];
  const at = lines.findIndex((line, index) => line !== others[index]);
  const place = at === -1 ? lines.length : at;
  return `item ${place}: ${excerpt(lines[place])} instead of ${excerpt(others[place])}`;
}

function excerpt(line: string | undefined): string {
  if (line === undefined || line === '') return 'none';
  return line.length > 500 ? `${line.slice(0, 500)}…` : line;
}
