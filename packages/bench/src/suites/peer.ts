/**
 * The same component binaries in native code: a host in Rust on wasmtime, made as Chipmunk's is. From a file to items in the
 * consumer's hands, one parser, compiling left out on both sides.
 */
import { readFileSync } from 'node:fs';
import { interopPlugin, record } from '@chipmunk-host/compat';
import { createParserPool, type IngestOptions, IngestSession } from '@chipmunk-host/hosts';
import { compile } from '@chipmunk-host/runtime';
import { STRING_PARSER, STRING_PARSER_WINDOW_BYTES } from '../bench-plugins.js';
import { InputFiles } from '../input-file.js';
import { logText } from '../log-text.js';
import { Oracle } from '../oracle.js';
import { type Case, type Suite, throughput } from '../suite.js';

const INPUT_BYTES = 64 * 1024 * 1024;

export const peer: Suite = {
  name: 'peer',
  description: 'file -> plugin -> items, against a native host on wasmtime, with the same component',
  async open() {
    const oracle = Oracle.build();
    if (!(oracle instanceof Oracle)) return oracle;
    const files = await InputFiles.open();
    const pool = createParserPool();
    const text = logText(INPUT_BYTES);
    const lines = await files.write('lines.log', text);
    const recordsContent = records(INPUT_BYTES);
    const recordsFile = await files.write('records.bin', recordsContent);
    const peerCase = async (
      name: string,
      path: string,
      file: string,
      bytes: number,
      options: Pick<IngestOptions, 'window'> = {},
    ): Promise<Case> => {
      const component = await compile(readFileSync(path));
      return {
        name,
        ...throughput(bytes),
        ours: {
          name: 'session, items counted',
          async run() {
            const session = await IngestSession.open({ component, pool, source: { file }, ...options });
            for await (const _ of session);
            return `${session.summary.items} items of ${session.summary.bytes} bytes`;
          },
        },
        baseline: {
          name: 'native host on wasmtime',
          async run() {
            const { items, bytes: consumed, durationMs } = await oracle.ingest(file, path);
            return { digest: `${items} items of ${consumed} bytes`, value: bytes / 1000 / durationMs };
          },
        },
      };
    };
    return {
      cases: [
        // With the window that its metadata name, as a manager runs it.
        await peerCase('string-parser', STRING_PARSER, lines, text.length, {
          window: { bytes: STRING_PARSER_WINDOW_BYTES },
        }),
        await peerCase('lines', interopPlugin('lines'), lines, text.length),
        await peerCase('lines-borrowed', interopPlugin('lines-borrowed'), lines, text.length),
        await peerCase('records', interopPlugin('records'), recordsFile, recordsContent.length),
      ],
      async close() {
        await pool.close();
        await files.close();
      },
    };
  },
};

/** Lines and columns, and an attachment of 2 KiB now and then. */
function records(bytes: number): Buffer {
  const data = Buffer.alloc(2048, 'content');
  const all: Buffer[] = [];
  let length = 0;
  for (let number = 0; length < bytes; number++) {
    const text = `message ${number} of a device that has much to say about its state`;
    const one =
      number % 100 === 99
        ? record.lineAndAttachment(text, { name: `file-${number}.bin`, data })
        : number % 4 === 3
          ? record.columns([String(number), 'ECU1', 'APP', text])
          : record.line(text);
    all.push(one);
    length += one.length;
  }
  return Buffer.concat(all);
}
