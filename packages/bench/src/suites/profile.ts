/** Where each nanosecond of an item goes, by a sampling profiler; and what the profiler itself costs. */
import { interopPlugin } from '@chipmunk-host/compat';
import { STRING_PARSER } from '../bench-plugins.js';
import { runChild } from '../child-run.js';
import { InputFiles } from '../input-file.js';
import { logText } from '../log-text.js';
import type { Case, Suite } from '../suite.js';

const INPUT_BYTES = 64 * 1024 * 1024;
const SMALL_BYTES = 4096;
/** Names a directory that keeps the profiles: developer tools of a browser open them. */
const KEPT_IN = process.env.BENCH_PROFILES;

export const profile: Suite = {
  name: 'profile',
  description: 'what an item takes in a session, part by part, by a sampling profiler; a process for each round',
  async open() {
    const files = await InputFiles.open();
    const file = await files.write('input.log', logText(INPUT_BYTES));
    const smallFile = await files.write('small.log', logText(SMALL_BYTES));
    const profileCase = (name: string, plugin: string): Case => {
      const request = { plugin, file, smallFile };
      const keepAt =
        KEPT_IN === undefined ? {} : { keepAt: { directory: KEPT_IN, name: `${name}-${process.version}` } };
      return {
        name,
        unit: 'ns/item',
        maxRounds: 5,
        ours: {
          name: 'with the profiler',
          async run() {
            const found = await runChild('session-profile', { ...request, profile: true, ...keepAt });
            return { digest: `${found.items} items`, value: found.nsPerItem, details: found.parts };
          },
        },
        baseline: {
          name: 'without the profiler',
          async run() {
            const { items, nsPerItem } = await runChild('session-profile', { ...request, profile: false });
            return { digest: `${items} items`, value: nsPerItem };
          },
        },
      };
    };
    return {
      cases: [profileCase('string-parser', STRING_PARSER), profileCase('lines', interopPlugin('lines'))],
      close: () => files.close(),
    };
  },
};
