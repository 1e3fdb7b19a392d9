/** Appends all that a session delivers to a spool. */
import type { StreamElement } from '@chipmunk-host/batch';
import type { SpoolOptions } from './writer/spool-options.js';
import { SpoolWriter } from './writer/spool-writer.js';

/** What is needed of a session: `IngestSession` of @chipmunk-host/hosts has it. */
export interface SpooledSession<Summary> extends AsyncIterable<StreamElement> {
  readonly info: { readonly renderOptions: unknown };
  readonly summary: Summary;
  /** Ends it. */
  close(): Promise<void>;
}

/** How a session is appended. */
export interface SpoolSessionOptions extends SpoolOptions {
  /** Number of the input in the spool. Default: the lowest that no input of the spool has. */
  readonly source?: number | undefined;
}

/**
 * Appends what a session delivers, as it is: all batches, gaps and restarts. What a selection leaves out is not in the spool, but accounted
 * for in its batches. When something cannot be appended, the session is closed.
 * @param spool a directory, whose spool is closed at the end, or a writer, which stays open
 * @returns the summary of the session
 * @throws SpoolError; what the session throws, behind all that it had delivered
 */
export async function spoolSession<Summary>(
  session: SpooledSession<Summary>,
  spool: string | SpoolWriter,
  options: SpoolSessionOptions = {},
): Promise<Summary> {
  const { source, ...writing } = options;
  try {
    if (typeof spool !== 'string') {
      await appendAll(session, spool, source);
      return session.summary;
    }
    const about = { renderOptions: session.info.renderOptions };
    const writer = await SpoolWriter.open(spool, { about, ...writing });
    try {
      await appendAll(session, writer, source);
    } catch (error) {
      await writer.close().catch(() => {});
      throw error;
    }
    await writer.close();
    return session.summary;
  } finally {
    await session.close();
  }
}

async function appendAll(
  elements: AsyncIterable<StreamElement>,
  writer: SpoolWriter,
  source = writer.nextSource,
): Promise<void> {
  for await (const element of elements) await writer.append(sourcedBytes(element, source));
}

/**
 * The bytes of an element with another number for its input. Where the number is right, they are the element's own, without a copy.
 * @throws BatchError `ERR_INVALID_OPTION` for a number that no input can have
 */
export function sourcedBytes(element: StreamElement, number: number): Uint8Array {
  if (element.source === number) return element.bytes;
  const own = element.sources.find((each) => each.number === element.source);
  const [prefix, rest] = element.withHeader({}, { name: '', ...own, number });
  const bytes = new Uint8Array(prefix.length + rest.length);
  bytes.set(prefix);
  bytes.set(rest, prefix.length);
  return bytes;
}
