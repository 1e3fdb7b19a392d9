/** What it costs to select items in the parser's worker: against a session that delivers all of them, which nobody decodes. */
import { createParserPool, IngestSession, type SelectOptions } from '@chipmunk-host/hosts';
import { STRING_PARSER_WINDOW_BYTES, stringParser } from '../bench-plugins.js';
import { InputFiles } from '../input-file.js';
import { logText } from '../log-text.js';
import { type Case, type Suite, throughput } from '../suite.js';

const INPUT_BYTES = 256 * 1024 * 1024;

/** By case; the lines have the numbers from 0 on as `seq`. */
const SELECTIONS: Readonly<Record<string, SelectOptions>> = {
  'rare-literal': { match: 'seq 77777,' },
  'common-literal': { match: 'ERROR' },
  'pattern-with-literal': { match: 'timeout .*seq \\d*777,' },
  'pattern-alone': { match: '(?i)0x[0-9a-f]*badc' },
};

export const select: Suite = {
  name: 'select',
  description: 'file -> plugin in a worker -> the items that match, counted',
  async open() {
    const files = await InputFiles.open();
    const text = logText(INPUT_BYTES);
    const file = await files.write('input.log', text);
    const component = await stringParser();
    const pool = createParserPool();
    const counting = (options: { readonly select?: SelectOptions }) => async () => {
      const window = { bytes: STRING_PARSER_WINDOW_BYTES };
      const session = await IngestSession.open({ component, pool, source: { file }, window, ...options });
      let items = 0;
      for await (const batch of session.batches()) items += batch.count;
      return { digest: `${items + session.summary.filteredItems} items`, details: { 'items selected': items } };
    };
    const cases = Object.entries(SELECTIONS).map(
      ([name, options]): Case => ({
        name,
        ...throughput(text.length),
        ours: { name: JSON.stringify(options.match), run: counting({ select: options }) },
        baseline: { name: 'session, items counted', run: counting({}) },
      }),
    );
    return {
      cases,
      async close() {
        await pool.close();
        await files.close();
      },
    };
  },
};
