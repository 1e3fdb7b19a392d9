import { expect, test } from 'vitest';
import { parseAll, startPlugin } from './feed.js';
import { Random } from './random.js';

const COUNT = Number(process.env.TEXT_FORMAT_MUTANTS ?? 10_000);
const SEED = Number(process.env.TEXT_FORMAT_MUTANTS_SEED ?? 1);
/** Changed lines in one input. */
const MUTANTS = 500;

/** For each preset lines without the LF. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  'access-combined': ['::1 - - [22/Jan/2019:03:56:14 +0330] "GET /\\" HTTP/1.1" 200 1 "-" "Mozilla/5.0 (ä)" "-"'],
  'access-common': ['127.0.0.1 - john doe [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326'],
  'syslog-5424': ['<165>1 2003-10-11T22:14:15.003Z host app 12 ID47 [a@1 b="\\"c"][d@2 e="f"] a text'],
  syslog: ['<34>Oct 11 22:14:15 host su[12]: a text', '2024-03-18T06:00:00.013456+01:00 host kernel: [    0.000000] x'],
  logcat: ['03-18 06:00:00.013  1702  2395 D PowerManager: a: text 😀'],
  'logcat-time': ['03-18 06:00:00.013 W/Activity Manager( 1702): a text'],
  'logcat-brief': ['E/AndroidRuntime(12345): FATAL EXCEPTION: main'],
  klog: ['I0318 06:00:00.013456   12345 server.go:123] "Started" node="a"'],
};

// `npm run long -- text-format-mutants` parses 200,000.
test(`no line is lost beside ${COUNT} changed ones`, async () => {
  const plugin = await startPlugin();
  for (let done = 0, seed = SEED; done < COUNT; done += MUTANTS, seed++) {
    const random = new Random(seed);
    const preset = random.pick(Object.keys(LINES));
    const continuation = random.pick(['none', 'indented', 'all']);
    const [expected] = parseAll(plugin, Buffer.from(LINES[preset]?.[0] as string), { preset });
    const intact: number[] = [];
    const parts: Buffer[] = [];
    let offset = 0;
    for (let i = 0; i < MUTANTS; i++) {
      const changed = mutate(random, Buffer.from(random.pick(LINES[preset] as string[])));
      intact.push(offset + changed.length + 1);
      parts.push(changed, Buffer.from(`\n${LINES[preset]?.[0]}\n`));
      offset = parts.reduce((sum, { length }) => sum + length, 0);
    }
    const input = Buffer.concat(parts);
    const rows = parseAll(plugin, input, { preset, continuation, year: 2024 }, [1 + random.below(5000), 65_536]);
    let position = 0;
    const starts = new Map<number, readonly string[] | undefined>();
    for (const { shown, bytes } of rows) {
      starts.set(position, shown);
      position += bytes;
    }
    expect(position, `seed ${seed}`).toBe(input.length);
    for (const place of intact) {
      const shown = starts.get(place);
      // What became of the changed line behind it may belong to its message.
      const cut = shown?.map((text, index) => text.slice(0, expected?.shown?.[index]?.length));
      expect(cut, `seed ${seed}, ${preset}, byte ${place}`).toEqual(expected?.shown);
    }
  }
}, 3_600_000);

function mutate(random: Random, line: Buffer): Buffer {
  const at = random.below(line.length);
  const kind = random.below(6);
  if (kind === 0) return line.subarray(0, at);
  if (kind === 1) return Buffer.concat([line.subarray(0, at), line.subarray(at + 1 + random.below(10))]);
  if (kind === 2) return Buffer.concat([line, line.subarray(at)]);
  const changed = Buffer.from(line);
  for (let i = 1 + random.below(4); i > 0; i--) {
    changed[random.below(line.length)] = random.chance(0.3) ? random.below(256) : 0x20 + random.below(96);
  }
  return changed;
}
