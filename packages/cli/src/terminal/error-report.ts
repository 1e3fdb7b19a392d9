/** Errors as text: the code, what happened, what to do; stacks only with --verbose. */
import { standardError } from '../output/standard-streams.js';
import { shortened } from './terminal-text.js';

export interface ErrorReportOptions {
  readonly verbose: boolean;
  /** What was being read. */
  readonly input?: string;
}

interface ErrorDetails {
  readonly message: string;
  readonly code?: string;
  readonly help?: string;
  readonly plugin?: string;
  readonly stack?: string;
  readonly cause?: unknown;
}

export function reportError(error: unknown, options: ErrorReportOptions): void {
  const text = formatError(error, options);
  const head = text.indexOf(':');
  standardError.print(text.slice(0, head), 'error');
  standardError.print(text.slice(head));
}

export function formatError(error: unknown, { verbose, input }: ErrorReportOptions): string {
  const details = detailsOf(error);
  const lines = [`error ${details.code ?? 'ERR_UNKNOWN'}: ${headline(details, input)}`];
  if (details.help !== undefined) lines.push(`  help: ${details.help}`);
  else if (details.code === undefined)
    lines.push('  help: This is a bug in chipmunk-host. Report it with what --verbose prints.');
  if (verbose) lines.push(...stacks(details).map((line) => `  ${line}`));
  return `${lines.join('\n')}\n`;
}

/** Code of an error, for the count by code in summaries. */
export function errorCode(error: unknown): string {
  return detailsOf(error).code ?? 'ERR_UNKNOWN';
}

export function errorMessage(error: unknown): string {
  return detailsOf(error).message;
}

/** The message, with the names of input and plugin where it does not say them itself. */
function headline({ message, plugin }: ErrorDetails, input: string | undefined): string {
  const names = [
    ...(input === undefined ? [] : [{ name: input, shown: input }]),
    ...(plugin === undefined || input === `source ${plugin}` ? [] : [{ name: plugin, shown: `plugin ${plugin}` }]),
  ];
  const missing = names.filter(({ name }) => !message.includes(name)).map(({ shown }) => `${shown}: `);
  return (missing.join('') + shortened(message)).replaceAll('\n', '\n  ');
}

function stacks(details: ErrorDetails): string[] {
  const lines = (details.stack ?? details.message).split('\n');
  if (details.cause === undefined) return lines;
  const [first = '', ...rest] = stacks(detailsOf(details.cause));
  return [...lines, `caused by ${first}`, ...rest];
}

/** Errors, and what records hold of them. */
function isDetailed(error: unknown): error is ErrorDetails {
  return typeof error === 'object' && error !== null && typeof (error as Partial<ErrorDetails>).message === 'string';
}

function detailsOf(error: unknown): ErrorDetails {
  return isDetailed(error) ? error : { message: String(error) };
}
