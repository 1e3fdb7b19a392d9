/** From a file to bytes of output on the main thread, which are counted and thrown away: what encoding adds to a session. */
import { BatchEncoder, createParserPool, type EncodedFormat, IngestSession } from '@chipmunk-host/hosts';
import { STRING_PARSER_WINDOW_BYTES, stringParser } from '../bench-plugins.js';
import { InputFiles } from '../input-file.js';
import { logText } from '../log-text.js';
import { type Case, type Suite, throughput } from '../suite.js';
import { processCase } from './output-process.js';

const INPUT_BYTES = 256 * 1024 * 1024;
const FORMATS: readonly EncodedFormat[] = ['text', 'ndjson', 'csv', 'arrow', 'raw'];

export const output: Suite = {
  name: 'output',
  description: 'file -> plugin in a worker -> items as text, ndjson, csv, Arrow or their own input, thrown away',
  async open() {
    const files = await InputFiles.open();
    const text = logText(INPUT_BYTES);
    const file = await files.write('input.log', text);
    const component = await stringParser();
    const pool = createParserPool();
    const window = { bytes: STRING_PARSER_WINDOW_BYTES };
    const open = () => IngestSession.open({ component, pool, source: { file }, window });
    const undecoded = {
      name: 'session, items counted',
      async run() {
        let items = 0;
        for await (const batch of (await open()).batches()) items += batch.count;
        return `${items} items`;
      },
    };
    const onMainThread = (format: EncodedFormat) => ({
      name: 'session, batches encoded on the main thread',
      async run() {
        let items = 0;
        const encoder = new BatchEncoder({ format });
        for await (const batch of (await open()).batches()) {
          items += batch.count;
          for (const _ of encoder.encode(batch));
        }
        return `${items} items`;
      },
    });
    const cases = FORMATS.map(
      (format): Case => ({
        name: format,
        ...throughput(text.length),
        ours: {
          name: `session.encoded('${format}')`,
          async run() {
            let items = 0;
            let bytes = 0;
            const session = await open();
            for await (const element of session.encoded(format)) {
              if (element.type !== 'encoded') continue;
              items += element.count;
              bytes += element.bytes.length;
            }
            return { digest: `${items} items`, details: { 'output bytes': bytes } };
          },
        },
        baseline: undecoded,
        ...(format === 'raw' ? {} : { others: [onMainThread(format)] }),
      }),
    );
    const asProcess = await processCase(files, text);
    return {
      cases: 'reason' in asProcess ? cases : [...cases, asProcess],
      skippedCases: 'reason' in asProcess ? [asProcess] : [],
      async close() {
        await pool.close();
        await files.close();
      },
    };
  },
};
