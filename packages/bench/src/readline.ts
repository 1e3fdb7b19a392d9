import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** Node's readline at its fastest: by events (an async iterator takes half as long again), with the stream's own chunks. */
export async function eachLine(file: string, callback: (line: string) => void): Promise<void> {
  const reader = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  reader.on('line', callback);
  await once(reader, 'close');
}
