/** Small files of text that people write: read in full, when they are not too large and are UTF-8. */
import { open } from 'node:fs/promises';
import { TomlError } from 'smol-toml';

/**
 * The text, without a byte order mark.
 * @param mostBytes a larger file is something else
 * @throws Error with a reason that can stand behind "cannot be read:", or the system's own
 */
export async function readTextFile(path: string, mostBytes: number): Promise<string> {
  await using file = await open(path);
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Not by its size: a pipe has none, and a device no end.
  for await (const chunk of file.createReadStream({ autoClose: false })) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > mostBytes) throw new Error(`it has more than ${mostBytes} bytes`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch (cause) {
    throw new Error('it is not UTF-8', { cause });
  }
}

/** Why a text is not TOML, in one line. The parser's messages go on with the place, drawn over several lines, and the line itself, however long it is. */
export function tomlReason(error: unknown): string {
  const [first = ''] = (error as Error).message.split('\n');
  return error instanceof TomlError ? `${first} (line ${error.line}, column ${error.column})` : first;
}
