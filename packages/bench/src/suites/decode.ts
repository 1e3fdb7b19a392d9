/** What it costs to read items: from batches in memory to every text on the consumer's side, against rows that msgpackr packed. */
import { Batch } from '@chipmunk-host/hosts';
import { Unpackr } from 'msgpackr';
import { stringParser } from '../bench-plugins.js';
import { Digest } from '../digest.js';
import { BindingsLift, type Flags, type LiftedBatch, OurLift, type Row } from '../lift-sides.js';
import { logText, umlautText } from '../log-text.js';
import { type Case, type Suite, throughput } from '../suite.js';

const INPUT_BYTES = 32 * 1024 * 1024;

export const decode: Suite = {
  name: 'decode',
  description: 'batches in memory -> every text made and looked at, one thread',
  async open() {
    const component = await stringParser();
    const decodeCase = async (name: string, input: Buffer, flags: Flags): Promise<Case> => {
      const ours = copies((await OurLift.open(component, flags)).batches(input));
      const rows = copies((await BindingsLift.open(component, flags)).batches(input));
      const unpackr = new Unpackr({ useRecords: false });
      return {
        name,
        ...throughput(input.length),
        ours: {
          name: 'batches, text by text',
          run() {
            const digest = new Digest();
            for (const bytes of ours) Batch.from(bytes).forEachText((text) => digest.add(text));
            return digest.toString();
          },
        },
        baseline: {
          name: 'rows unpacked by msgpackr',
          run() {
            const digest = new Digest();
            for (const bytes of rows)
              for (const [, value] of unpackr.unpack(bytes) as Row[])
                digest.add(typeof value === 'string' ? value : (value as readonly string[]).join('\u0004'));
            return digest.toString();
          },
        },
        others: [
          {
            name: 'batches, item by item',
            run() {
              const digest = new Digest();
              for (const bytes of ours) for (const item of Batch.from(bytes)) digest.add(item.text);
              return digest.toString();
            },
          },
        ],
      };
    };
    const cases = [
      await decodeCase('ascii', logText(INPUT_BYTES), {}),
      await decodeCase('utf8', umlautText(INPUT_BYTES), {}),
      await decodeCase('columns', logText(INPUT_BYTES), { columns: true }),
    ];
    return { cases, close: async () => {} };
  },
};

function copies(batches: Iterable<LiftedBatch>): readonly Uint8Array[] {
  return Array.from(batches, ({ bytes }) => Uint8Array.from(bytes));
}
