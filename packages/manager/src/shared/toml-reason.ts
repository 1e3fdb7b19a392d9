/** Why a text is not TOML, in one line. */
import { TomlError } from 'smol-toml';

/** The parser's messages go on with the place, drawn over several lines, and the line itself, however long it is. */
export function tomlReason(error: unknown): string {
  const [first = ''] = (error as Error).message.split('\n');
  return error instanceof TomlError ? `${first} (line ${error.line}, column ${error.column})` : first;
}
