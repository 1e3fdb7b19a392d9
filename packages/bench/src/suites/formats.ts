/** Formats of the field: from a file to items on the main thread, against other programs that make the same rows. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createParserPool, IngestSession } from '@chipmunk-host/hosts';
import { compile } from '@chipmunk-host/runtime';
import { STRING_PARSER_WINDOW_BYTES, stringParser } from '../bench-plugins.js';
import { DltCoreRows } from '../dlt-core-rows.js';
import { dltMessages } from '../dlt-messages.js';
import { InputFiles } from '../input-file.js';
import { logText } from '../log-text.js';
import { type Case, type Suite, throughput } from '../suite.js';
import { dltConvertCase, dltParallelCase } from './dlt-cases.js';
import { jsonLinesCase } from './json-lines-case.js';
import { protobufCase } from './protobuf-case.js';
import { textFormatCase } from './text-format-case.js';

const PART_BYTES = 16 * 1024 * 1024;
const PARTS = 16;
/** dlt-convert takes some fifty times as long as a session. */
const CONVERTED_PARTS = 4;
/** What the plugin's metadata name as safe. */
const DLT_WINDOW_BYTES = 256 * 1024;
const DLT_PARSER = createRequire(import.meta.url).resolve('@chipmunk-host/dlt-parser/dlt-parser.wasm');

export const formats: Suite = {
  name: 'formats',
  description:
    'file -> dlt-parser, json-lines, text-format, protobuf-parser -> items, against the crate dlt-core in Rust, one instance, dlt-convert, and readline with JSON.parse or RegExp, and protobufjs',
  async open() {
    const files = await InputFiles.open();
    const pool = createParserPool();
    const part = dltMessages(PART_BYTES);
    const component = await compile(readFileSync(DLT_PARSER));
    const open = (file: string) =>
      IngestSession.open({ component, pool, source: { file }, window: { bytes: DLT_WINDOW_BYTES } });
    const file = await files.write('messages.dlt', part, PARTS);
    const bytes = part.length * PARTS;

    const ours: Case['ours'] = {
      name: 'session, items counted',
      async run() {
        let items = 0;
        for await (const batch of (await open(file)).batches()) items += batch.count;
        return `${items} items`;
      },
    };
    const program = DltCoreRows.build();
    const sample = await files.write('sample.dlt', part);
    if (program instanceof DltCoreRows) {
      const [made, expected] = [await textBytes(await open(sample)), (await program.rows(sample)).textBytes];
      if (made !== expected) throw new Error(`dlt-parser made ${made} bytes of text, the crate dlt-core ${expected}`);
    }
    const baseline: Case['ours'] =
      program instanceof DltCoreRows
        ? {
            name: 'dlt-core in Rust, without reading the file',
            async run() {
              const { items, durationMs } = await program.rows(file);
              return { digest: `${items} items`, value: bytes / 1000 / durationMs };
            },
          }
        : await stringParserSide(files, bytes);
    const input = { component, windowBytes: DLT_WINDOW_BYTES, file, bytes };
    const smaller = await files.write('smaller.dlt', part, CONVERTED_PARTS);
    const convert = await dltConvertCase(files, { file: smaller, bytes: part.length * CONVERTED_PARTS }, sample);
    return {
      cases: [
        await jsonLinesCase(files, pool),
        await textFormatCase(files, pool),
        await protobufCase(files, pool),
        {
          name: 'dlt',
          ...throughput(bytes),
          ours,
          baseline,
          ...(program instanceof DltCoreRows ? {} : { differ: true }),
        },
        dltParallelCase(pool, input),
        ...('reason' in convert ? [] : [convert]),
      ],
      skippedCases: 'reason' in convert ? [convert] : [],
      async close() {
        await pool.close();
        await files.close();
      },
    };

    /** Where the Rust program cannot be built. */
    async function stringParserSide(inputs: InputFiles, size: number): Promise<Case['ours']> {
      const text = await inputs.write('lines.log', logText(size).subarray(0, size));
      const parser = await stringParser();
      return {
        name: 'string-parser over as many bytes of text',
        async run() {
          const window = { bytes: STRING_PARSER_WINDOW_BYTES };
          const session = await IngestSession.open({ component: parser, pool, source: { file: text }, window });
          let items = 0;
          for await (const batch of session.batches()) items += batch.count;
          return `${items} items`;
        },
      };
    }
  },
};

/** Bytes of all rows of a session, with a separator between two columns. */
async function textBytes(session: IngestSession): Promise<number> {
  let bytes = 0;
  for await (const batch of session.batches()) {
    for (let entry = 0; entry < batch.entries; entry++) bytes += Buffer.byteLength(batch.columnsOf(entry).join('\x04'));
  }
  return bytes;
}
