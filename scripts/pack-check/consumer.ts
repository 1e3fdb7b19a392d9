// What an embedder's compiler sees.
import type { Readable } from 'node:stream';
import { readStream } from '@chipmunk-host/batch';
import { IngestSession as BareSession } from '@chipmunk-host/hosts';
import { createParseTransform, HostError, type IngestRequest, PluginsManager } from '@chipmunk-host/manager';
import { compile } from '@chipmunk-host/runtime';

export async function consume(signal: AbortSignal | undefined): Promise<number> {
  const manager = await PluginsManager.open({ load: 'lazy' });
  const request: IngestRequest = { source: { file: 'input.log' }, parser: { plugin: 'string-parser' } };
  try {
    const session = await manager.ingest(signal === undefined ? request : { ...request, signal });
    let length = 0;
    for await (const element of session)
      if (element.type === 'batch') for (const { text } of element) length += text.length;
    const stream: Readable = createParseTransform(manager, request.parser, { as: 'bytes' });
    for await (const bytes of stream) for (const { offset } of readStream(bytes as Uint8Array)) length += offset;
    return length;
  } catch (error) {
    if (error instanceof HostError) return error.code.length;
    throw error;
  } finally {
    await manager.close();
  }
}

export const others = [compile, BareSession.open] as const;
