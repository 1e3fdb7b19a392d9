/** Chooses the parser when none is named, or when it is to be detected. */
import type { Detection, ParserTrial, PluginEntry, PluginsManager } from '@chipmunk-host/manager';
import { CommandError, UsageError } from '../terminal/command-error.js';
import { formatBytes, formatShare } from '../terminal/quantities.js';
import { oneLine } from '../terminal/terminal-text.js';
import type { IngestInput } from './ingest-inputs.js';

/** In the place of a parser's name. A plugin of this name is used by its path. */
export const DETECT = 'detect';

/** Of the shipped parsers the one for text, which takes any input. */
const PARSER_OF_TEXT = 'string-parser';

/** The name of a parser, and why it is this one. */
export interface ParserChoice {
  readonly name: string;
  readonly why: string;
}

/**
 * The parser that reads the beginning of an input best: of the first that can be read and is not empty. All inputs of a run are read by it.
 * @throws UsageError for a byte-source, whose bytes are known to its session alone; CommandError `ERR_NO_PARSER`; what `detect` throws
 */
export async function detectedParser(
  manager: PluginsManager,
  inputs: readonly IngestInput[],
  signal: AbortSignal,
): Promise<ParserChoice> {
  let empty: Detection | undefined;
  let unreadable: unknown;
  for (const { name, head } of inputs) {
    if (head === undefined)
      throw new UsageError("'--parser detect' reads files and standard input; name the parser for a source");
    try {
      const detection = await manager.detect(await head(signal), { signal });
      if (detection.sampleBytes > 0) return choice(detection, name);
      empty ??= detection;
    } catch (error) {
      signal.throwIfAborted();
      if ((error as { code?: unknown }).code !== 'ERR_SOURCE_OPEN') throw error;
      unreadable ??= error;
    }
  }
  if (empty === undefined) throw unreadable;
  return choice(empty, 'an empty input');
}

/**
 * The only usable parser that is installed. Shipped parsers count only when none is installed: the user chose the installed ones, not
 * the shipped ones. Of these it is the one for text.
 * @throws UsageError with the names when there are several, or none
 */
export function soleParser(plugins: readonly PluginEntry[]): ParserChoice {
  const usable = plugins.filter(({ kind, state }) => kind === 'parser' && (state === 'valid' || state === 'unloaded'));
  const installed = usable.filter(({ origin }) => origin === 'installed');
  const ofText = usable.filter(({ name, origin }) => origin !== 'installed' && name === PARSER_OF_TEXT);
  const candidates = [installed, ofText, usable].find(({ length }) => length > 0) ?? [];
  const [parser] = candidates;
  if (parser !== undefined && candidates.length === 1) {
    const { name, origin } = parser;
    const why =
      origin === 'installed' ? 'the only one installed' : 'none is installed, and this one is shipped for text';
    return { name, why };
  }
  const names = candidates.map(({ name }) => oneLine(name)).join(', ');
  throw new UsageError(
    parser === undefined
      ? "no parser can be used; name a .wasm file with '--parser', and see 'chipmunk-host doctor'"
      : `there are several parsers (${names}); name one with '--parser'`,
  );
}

/** @throws CommandError `ERR_NO_PARSER` */
function choice(detection: Detection, input: string): ParserChoice {
  const { best, sampleBytes, ranking } = detection;
  if (best !== undefined) return { name: best.name, why: reason(detection, best) };
  const [nearest] = ranking;
  const most =
    nearest === undefined ? 'there is none' : `'${oneLine(nearest.name)}' reads ${formatShare(nearest.readableShare)}`;
  const message = `No parser reads half of the first ${formatBytes(sampleBytes)} of ${input}: ${most}.`;
  throw new CommandError('ERR_NO_PARSER', message, {
    help: "Name a parser with '--parser', or install one for this format. 'chipmunk-host plugins detect FILE' shows all that were tried.",
  });
}

function reason({ sampleBytes, ranking }: Detection, { name, readableShare, columnsShare }: ParserTrial): string {
  if (sampleBytes === 0) return 'detected, though the input is empty';
  const columns = columnsShare === 0 ? '' : `, ${formatShare(columnsShare)} in columns`;
  const other = ranking.find((trial) => trial.name !== name);
  const next = other === undefined ? '' : `; next is '${oneLine(other.name)}' with ${formatShare(other.readableShare)}`;
  return `detected: it reads ${formatShare(readableShare)} of the first ${formatBytes(sampleBytes)}${columns}${next}`;
}
