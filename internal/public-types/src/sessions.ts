/** What an embedder writes, and the mistakes that the compiler finds in it. */
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  Batch,
  createParseTransform,
  createParseTransformStream,
  type Gap,
  type IngestRequest,
  type IngestSession,
  type Item,
  type ItemJson,
  type PcapFilters,
  PluginsManager,
  type Restart,
  readStream,
  type SessionStatus,
  type SourceNotice,
  type StreamRecord,
} from '@chipmunk-host/manager';
import { expectTrue, type IsAny, type Same } from './expect.js';

export async function readAll(stream: Readable, signal: AbortSignal): Promise<number> {
  await using manager = await PluginsManager.open({ load: 'lazy', maxInstances: 4 });
  await using session = await manager.ingest({
    source: { file: 'trace.log' },
    parser: { plugin: 'string-parser', config: { lossy: true, prefix: '> ', folders: ['a'] } },
    signal,
  });
  await manager.ingest({ source: { stream }, parser: { plugin: 'string-parser', profile: 'mine' } });
  await manager.ingest({ source: { tcp: { host: 'bench', port: 3490 } }, parser: { plugin: 'string-parser' } });
  const filters: PcapFilters = { port: [3490], sourceAddress: '10.0.0.0/8' };
  await manager.ingest({ source: { pcap: { file: 'a.pcap', filters } }, parser: { plugin: 'dlt-parser' } });
  // @ts-expect-error: it has no port.
  await manager.ingest({ source: { tcp: { host: 'bench' } }, parser: { plugin: 'string-parser' } });
  await manager.ingest({ source: { plugin: 'file-source' }, parser: { plugin: 'string-parser' }, parallel: 2 });
  let items = 0;
  for await (const element of session) {
    expectTrue<Same<IsAny<typeof element>, false>>();
    expectTrue<Same<typeof element, Batch | Gap | Restart | SourceNotice>>();
    // @ts-expect-error: a gap and a restart have no items.
    for (const _ of element);
    if (element.type === 'batch') {
      for (const item of element) {
        expectTrue<Same<typeof item, Item>>();
        items += item.offset + item.text.length;
      }
    } else if (element.type === 'gap') expectTrue<Same<typeof element, Gap>>();
    else if (element.type === 'restart') expectTrue<Same<typeof element.side, 'parser' | 'source'>>();
    else expectTrue<Same<typeof element, SourceNotice>>();
  }
  for await (const batch of session.batches()) expectTrue<Same<typeof batch, Batch>>();
  expectTrue<Same<typeof session, IngestSession>>();
  expectTrue<Same<typeof session.summary.status, SessionStatus>>();
  return items;
}

export async function streams(manager: PluginsManager, stream: Readable): Promise<Response> {
  const parser = { plugin: 'string-parser' };
  const session = await manager.ingest({ source: { stream }, parser });
  for await (const element of session.stream())
    expectTrue<Same<typeof element, Batch | Gap | Restart | SourceNotice>>();
  for await (const item of session.stream({ as: 'items', highWaterMark: undefined }))
    expectTrue<Same<typeof item, Item>>();
  const items = await session.collect({ maxItems: 10, maxBytes: undefined });
  expectTrue<Same<(typeof items)[number], ItemJson>>();
  await pipeline(stream, createParseTransform(manager, parser, { as: 'bytes', name: 'upload' }), process.stdout);
  const pair = createParseTransformStream(manager, parser, { as: 'batches', deadlineMs: 100 });
  for await (const batch of new Response('text').body?.pipeThrough(pair) ?? []) expectTrue<Same<typeof batch, Batch>>();
  expectTrue<Same<typeof pair.session, IngestSession | undefined>>();
  // @ts-expect-error: there are no such chunks.
  session.stream({ as: 'lines' });
  // @ts-expect-error: a transform has its source.
  createParseTransform(manager, parser, { source: { file: 'trace.log' } });
  return new Response(session.stream({ as: 'bytes' }));
}

/** Options that are undefined are as good as none, also with `exactOptionalPropertyTypes`. */
export async function absent(nothing: undefined): Promise<void> {
  await using manager = await PluginsManager.open({
    directory: nothing,
    load: nothing,
    maxInstances: nothing,
    sourceLimits: { maxBytes: nothing },
  });
  const request: IngestRequest = {
    source: { stream: [], name: nothing },
    parser: { plugin: 'string-parser', config: nothing, memoryBytes: nothing, deny: { environment: nothing } },
    signal: nothing,
    ring: nothing,
    window: { bytes: nothing },
    recovery: { maxRestarts: nothing },
    logLimits: { linesPerTurn: nothing },
    grants: { clock: nothing, environment: nothing },
    onProgress: nothing,
    parallel: nothing,
  };
  await manager.ingest({
    ...request,
    source: { plugin: 'file-source', follow: { intervalMs: nothing }, config: nothing },
  });
  createParseTransform(manager, request.parser, { signal: nothing, as: nothing });
}

export async function mistakes(manager: PluginsManager, stream: Readable): Promise<void> {
  const parser = { plugin: 'string-parser' };
  const source = { file: 'trace.log' };
  // @ts-expect-error: a source is needed.
  await manager.ingest({ parser });
  // @ts-expect-error: so is a parser.
  await manager.ingest({ source });
  // @ts-expect-error: no option has this name.
  await manager.ingest({ source, parser, deadlineMS: 10 });
  // @ts-expect-error: times are numbers of milliseconds.
  await manager.ingest({ source, parser, deadlineMs: '10s' });
  // @ts-expect-error: a file is named by its path.
  await manager.ingest({ source: { file: 1 }, parser });
  // @ts-expect-error: the value of an option of a plugin is no object.
  await manager.ingest({ source, parser: { ...parser, config: { lossy: { yes: true } } } });
  // @ts-expect-error: a manager has its own pool.
  await manager.ingest({ source, parser, pool: undefined });
  // @ts-expect-error: an unknown option of a manager.
  await PluginsManager.open({ lazy: true });
  // @ts-expect-error: managers are opened, not made.
  new PluginsManager();
  // @ts-expect-error: batches are read from bytes, not made.
  new Batch();
  const request: IngestRequest = { source: { stream }, parser };
  // @ts-expect-error: a request is not changed.
  request.parallel = 2;
}

export function events(manager: PluginsManager): void {
  const stop = manager.on('session-ended', ({ session, summary }) => {
    expectTrue<Same<typeof session, number>>();
    expectTrue<Same<typeof summary.restarts, number>>();
  });
  expectTrue<Same<typeof stop, () => void>>();
  manager.on('changed', ({ plugin, before }) => plugin.hash !== before.hash);
  // @ts-expect-error: there is no such event.
  manager.on('session-stopped', () => {});
  // @ts-expect-error: this event has no summary.
  manager.on('session-started', ({ summary }) => summary);
}

export function lost(record: StreamRecord): number {
  switch (record.type) {
    case 'gap':
      return record.length;
    case 'restart':
      expectTrue<Same<typeof record.side, 'parser' | 'source'>>();
      expectTrue<Same<typeof record.length, 0>>();
      return 0;
    case 'source':
      expectTrue<Same<typeof record.event, string>>();
      expectTrue<Same<typeof record.length, 0>>();
      return 0;
  }
}

export function stored(bytes: Uint8Array): string[] {
  const texts = [...Batch.from(bytes)].map((item) => item.text);
  for (const element of readStream(bytes))
    if (element.type === 'batch') element.forEachText((text, offset) => texts.push(`${offset} ${text}`));
  const batch = Batch.from(bytes);
  expectTrue<Same<typeof batch.bytes extends Uint8Array ? true : false, true>>();
  // @ts-expect-error: what was read is not changed.
  batch.offset = 0;
  return texts;
}
