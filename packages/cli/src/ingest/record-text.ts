/** What is printed of gaps, restarts and the log lines of plugins while a run goes on. */
import type { Gap, IngestRequest, Restart, SourceNotice } from '@chipmunk-host/manager';
import { standardError } from '../output/standard-streams.js';
import { formatCount } from '../terminal/quantities.js';
import { shortened } from '../terminal/terminal-text.js';

/** Options of a plugin whose log is shown. @param who begins each line */
export function logging(who: string): Pick<IngestRequest, 'logLevel' | 'onLog'> {
  return {
    logLevel: 'debug',
    onLog: ({ level, message }) => standardError.print(`${who} ${level}: ${onOwnLines(message)}\n`),
  };
}

/** One line, and more where the message has more. @param input what messages call the input */
export function recordText(record: Gap | Restart, input: string): string {
  const { offset, error } = record;
  const why =
    error === undefined ? 'its memory had grown' : `${error.code ?? error.name}: ${onOwnLines(error.message)}`;
  return `${recordName(record)} at ${input}:${offset}: ${why}\n`;
}

/** Events of sources that users are told of without `--verbose`: something is missing. */
const LOSSES: readonly string[] = ['dropped', 'missing', 'truncated', 'fragment', 'buffer-limited'];

function tellsOfLoss(notice: SourceNotice): boolean {
  return LOSSES.includes(notice.event) || commandFailed(notice);
}

/** @param warn prints what users are told of without `--verbose` */
export function tellOfSource(
  notice: SourceNotice,
  input: string,
  { quiet, verbose }: { readonly quiet: boolean; readonly verbose: boolean },
  warn: (message: string) => void,
): void {
  const text = `${input}: ${onOwnLines(notice.message)}`;
  // A run that fails is never without a message.
  if (tellsOfLoss(notice) && (!quiet || commandFailed(notice))) warn(text);
  else if (verbose) standardError.print(`${text}\n`);
}

/** Whether a command did not end as it does when all is well. */
export function commandFailed({ event, details }: SourceNotice): boolean {
  return event === 'exited' && (details?.signal !== undefined || (details?.code ?? 0) !== 0);
}

/** No line of it can be taken for one of this program's. */
export function onOwnLines(message: string): string {
  return shortened(message).replaceAll('\n', '\n  ');
}

function recordName(record: Gap | Restart): string {
  if (record.type === 'gap') return `gap of ${formatCount(record.length, 'byte')}`;
  if (record.reason === 'recycled') return 'fresh instance';
  return record.side === 'source' ? 'restart of the source' : 'restart';
}
