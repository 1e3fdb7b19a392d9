/** The options of `ingest` about files that grow, and about going on after a restart. */
import { InvalidArgumentError } from 'commander';
import { compressionSuffix } from './output/compression.js';

/** @returns the option `start` of a file that is followed */
export function followStart(text: string): 'beginning' | 'end' | number {
  if (text === 'beginning' || text === 'end') return text;
  const lines = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(lines)) throw new InvalidArgumentError("Expected 'beginning', 'end' or a number of lines.");
  return lines;
}

interface Options {
  readonly follow?: boolean;
  readonly followFrom?: unknown;
  readonly followIdle?: unknown;
  readonly checkpoint?: string;
  readonly startOver?: boolean;
  readonly source?: string;
  readonly output?: string;
  readonly format: string;
  readonly count?: unknown;
  readonly parallel?: number;
  readonly fromOffset?: number;
  readonly rotateSize?: unknown;
  readonly rotateEvery?: unknown;
  readonly attachments?: unknown;
  readonly spool?: unknown;
}

/** What cannot be together. Undefined: nothing. */
export function checkpointFault(options: Options): string | undefined {
  const { follow, source, checkpoint } = options;
  const ofFollowing = { '--follow-from': options.followFrom, '--follow-idle': options.followIdle };
  for (const [name, value] of Object.entries(ofFollowing))
    if (value !== undefined && (follow !== true || source !== undefined))
      return `'${name}' is for files with '--follow'`;
  if (checkpoint === undefined)
    return options.startOver === true
      ? "'--start-over' needs a checkpoint; name its file with '--checkpoint'"
      : undefined;
  if (source !== undefined) return "'--checkpoint' is for files; a byte-source plugin cannot go back";
  // What they write is put in its place at the end of a run, or would have to be taken back.
  const refused = {
    '--parallel': options.parallel,
    '--from-offset': options.fromOffset,
    '--rotate-size': options.rotateSize,
    '--rotate-every': options.rotateEvery,
    '--attachments': options.attachments,
    '--spool': options.spool,
    '--count': options.count,
    '--format arrow': options.format === 'arrow' ? true : undefined,
    '--format arrow-file': options.format === 'arrow-file' ? true : undefined,
    'compressed output': compressionSuffix(options.output ?? '') === '' ? undefined : true,
  };
  const other = Object.entries(refused).find(([, value]) => value !== undefined)?.[0];
  return other === undefined
    ? undefined
    : `'--checkpoint' cannot be used with ${other.startsWith('--') ? `'${other}'` : other}`;
}
