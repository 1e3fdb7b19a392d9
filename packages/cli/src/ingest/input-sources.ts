/** Sources that the command line names by their URLs, wherever it takes a FILE. */
import { HostError, type IngestSource, sourceFromUrl } from '@chipmunk-host/manager';
import type { SourceArguments } from './ingest-arguments.js';
import { isStandardInput } from './input-names.js';

/** Undefined for the name of a file. @throws HostError that says what is wrong with a URL */
export function namedSource(file: string, { shell, withStderr }: SourceArguments): IngestSource | undefined {
  if (isStandardInput(file)) return undefined;
  const source = sourceFromUrl(file);
  if (source === undefined || !('process' in source)) return source;
  return { process: { ...source.process, ...(shell ? { shell } : {}), ...(withStderr ? { output: 'both' } : {}) } };
}

export function isSourceUrl(file: string): boolean {
  return !isStandardInput(file) && sourceFromUrl(file) !== undefined;
}

/** What is wrong with the names of sources, or with options for sources that are not named. */
export function sourceFault(files: readonly string[], { shell, withStderr }: SourceArguments): string | undefined {
  try {
    const commands = files.filter((file) => 'process' in (sourceFromUrl(file) ?? {}));
    const option = shell ? '--shell' : withStderr ? '--with-stderr' : undefined;
    if (option === undefined || commands.length > 0) return undefined;
    return `'${option}' needs a command; name one as 'exec:COMMAND'`;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return error.help === undefined ? error.message : `${error.message}\n${error.help}`;
  }
}
