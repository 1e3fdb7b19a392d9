/** Messages of Protocol Buffers: from a file to rows on the main thread, against protobufjs, which makes the same JSON. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type createParserPool, IngestSession } from '@chipmunk-host/hosts';
import { compile } from '@chipmunk-host/runtime';
import type { InputFiles } from '../input-file.js';
import { type LengthDelimited, protobufMessages } from '../protobuf-messages.js';
import { type Case, throughput } from '../suite.js';

const PART_BYTES = 16 * 1024 * 1024;
const PARTS = 8;
/** What the plugin's metadata name as safe. */
const WINDOW_BYTES = 256 * 1024;
const PROTOBUF_PARSER = createRequire(import.meta.url).resolve('@chipmunk-host/protobuf-parser/protobuf-parser.wasm');

export async function protobufCase(files: InputFiles, pool: ReturnType<typeof createParserPool>): Promise<Case> {
  const part = protobufMessages(PART_BYTES);
  const file = await files.write('messages.pb', part.bytes, PARTS);
  const set = await files.write('messages.desc', part.set);
  const component = await compile(readFileSync(PROTOBUF_PARSER));
  const config = { 'descriptor-set': [set], message: 'log.Entry' };
  const open = (path = file) =>
    IngestSession.open({ component, pool, source: { file: path }, config, window: { bytes: WINDOW_BYTES } });

  await requireSame(await files.write('sample.pb', part.bytes));
  return {
    name: 'protobuf',
    ...throughput(part.bytes.length * PARTS),
    ours: {
      name: 'session, items counted',
      async run() {
        let items = 0;
        for await (const batch of (await open()).batches()) items += batch.count;
        return `${items} items`;
      },
    },
    baseline: {
      name: 'protobufjs, without reading the file',
      async run() {
        let items = 0;
        for (let done = 0; done < PARTS; done++) for (const text of texts(part)) if (text.length > 0) items++;
        return `${items} items`;
      },
    },
  };

  async function requireSame(sample: string): Promise<void> {
    const expected = texts(part);
    let row = 0;
    for await (const batch of (await open(sample)).batches()) {
      for (let at = 0; at < batch.entries; at++, row++) {
        const made = batch.columnsOf(at)[2];
        const wanted = expected.next().value;
        if (made !== wanted) throw new Error(`protobuf-parser made ${made} of message ${row}, protobufjs ${wanted}`);
      }
    }
    if (expected.next().done !== true) throw new Error(`protobuf-parser made ${row} rows, and protobufjs more`);
  }
}

function* texts({ bytes, type, lengthAt }: LengthDelimited): Generator<string, void> {
  const options = { longs: String, enums: String, bytes: String };
  for (let at = 0; at < bytes.length; ) {
    const { length, start } = lengthAt(at);
    yield JSON.stringify(type.toObject(type.decode(bytes.subarray(start, start + length)), options));
    at = start + length;
  }
}
