/**
 * Plugins that use little of what they are given: the cost must grow with the input, not with the input times the window. Ours
 * is four times the baseline's input; a ratio of 4 is linear.
 */
import { createParserPool, IngestSession } from '@chipmunk-host/hosts';
import type { CompiledComponent } from '@chipmunk-host/runtime';
import { benchPlugin } from '../bench-plugins.js';
import { InputFiles } from '../input-file.js';
import { logText } from '../log-text.js';
import { type Case, duration, type Side, type Suite } from '../suite.js';

const LINES_BYTES = 4 * 1024 * 1024;
const GARBAGE_BYTES = 512 * 1024;
const TIMES = 4;
/** One item of 10 bytes, and what is dropped until the next. */
const GARBAGE_PERIOD = 1000;

export const window: Suite = {
  name: 'window',
  description:
    'four times the input against once: one item a call; one item every 1,000 bytes, the rest dropped byte by byte',
  async open() {
    const files = await InputFiles.open();
    const pool = createParserPool();
    const side = async (component: CompiledComponent, name: string, content: Buffer, times: number): Promise<Side> => {
      const file = await files.write(`${name}-${times}`, content, times);
      return {
        name: `${Number(((content.length * times) / 2 ** 20).toFixed(2))} MiB`,
        async run() {
          const session = await IngestSession.open({ component, pool, source: { file } });
          for await (const _ of session);
          const { items, skippedBytes, bytes } = session.summary;
          return `${items / times} items, ${skippedBytes / times} skipped of ${bytes / times} in each part`;
        },
      };
    };
    const linear = async (name: string, component: CompiledComponent, content: Buffer): Promise<Case> => ({
      name,
      ...duration,
      maxRounds: 5,
      ours: await side(component, name, content, TIMES),
      baseline: await side(component, name, content, 1),
    });
    return {
      cases: [
        await linear('one-item', await benchPlugin('one-item'), logText(LINES_BYTES)),
        await linear('garbage', await benchPlugin('marked-items'), garbage()),
      ],
      async close() {
        await pool.close();
        await files.close();
      },
    };
  },
};

function garbage(): Buffer {
  const bytes = Buffer.alloc(Math.floor(GARBAGE_BYTES / GARBAGE_PERIOD) * GARBAGE_PERIOD, '.');
  for (let at = 0; at < bytes.length; at += GARBAGE_PERIOD) bytes.write('I am valid', at, 'latin1');
  return bytes;
}
