/** Inputs for the plugins, each with a configuration: some by hand for what is special, and any number made from a seed. */
import type { ConfigInput } from '@chipmunk-host/hosts';
import type { InteropPlugin } from './plugins.js';
import { record } from './record-encoding.js';
import { SeededRandom } from './seeded-random.js';

export interface InteropCase {
  /** Unique, and good for a file name. */
  readonly name: string;
  readonly plugin: InteropPlugin;
  /** What the parser is given. Of a byte-source undefined: it delivers what its configuration names. */
  readonly input: Buffer | undefined;
  /** Files that the configuration names, by path below a directory that the runner makes. */
  readonly files?: Readonly<Record<string, Buffer | string>>;
  /** Ids that are not named have their schema's default. `at` makes a path of that directory of one below it. */
  config(at: (path: string) => string): Readonly<Record<string, ConfigInput>>;
}

const NONE = () => ({});

export const CASES: readonly InteropCase[] = [
  { name: 'lines-empty', plugin: 'lines', input: Buffer.alloc(0), config: NONE },
  { name: 'lines-text', plugin: 'lines', input: Buffer.from('one\ntwo ü\r\n\n\r\n語😀\n'), config: NONE },
  { name: 'lines-open-end', plugin: 'lines', input: Buffer.from('one\nan end that does not come'), config: NONE },
  { name: 'lines-invalid', plugin: 'lines', input: Buffer.from('a\xff\xfeb\nfine\n\xc3\n', 'latin1'), config: NONE },
  {
    name: 'lines-invalid-skipped',
    plugin: 'lines',
    input: Buffer.from('a\xff\xfeb\nfine\n\xc3\n', 'latin1'),
    config: () => ({ lossy: false }),
  },
  {
    name: 'lines-configured',
    plugin: 'lines',
    input: Buffer.from('one\0two\0\0three\0'),
    config: () => ({ prefix: '» ', 'first-number': -1, factor: 0.5, ending: 'NUL', chatter: 'calls' }),
  },
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e-45, 3.4028234663852886e38].map(
    (factor): InteropCase => ({
      name: `lines-factor-${Object.is(factor, -0) ? 'minus-0' : factor}`,
      plugin: 'lines',
      input: Buffer.from('one\n\nthree\n'),
      config: () => ({ factor }),
    }),
  ),
  {
    name: 'lines-hidden',
    plugin: 'lines',
    input: Buffer.from('shown\nfirst\nsecond\nthird\nfourth\nshown, too\n'),
    files: {
      'one/hidden.txt': 'first\n',
      'two words/häßlich ü.txt': 'second',
      'all/a.txt': 'third\n',
      'all/b.txt': 'fourth\n',
    },
    config: (at) => ({ hidden: [at('one/hidden.txt'), at('two words/häßlich ü.txt')], 'hidden-in': [at('all')] }),
  },
  {
    name: 'records-all',
    plugin: 'records',
    input: Buffer.concat([
      record.line('a line'),
      record.columns(['some', '', 'columns']),
      record.columns([]),
      record.timestamp(),
      record.attachment({ name: 'a.bin', created: 'yesterday', data: Buffer.from('content') }),
      record.lineAndAttachment('with', {
        name: '',
        modified: '',
        messages: [0n, 2n ** 64n - 1n],
        data: Buffer.alloc(0),
      }),
      record.columnsAndAttachment(['1', '2'], {
        name: 'ü.bin',
        size: 2n ** 53n + 1n,
        created: '1',
        modified: '2',
        data: Buffer.from([0, 255]),
      }),
      record.skipped(17),
      record.line(''),
    ]),
    config: NONE,
  },
  {
    name: 'records-errors',
    plugin: 'records',
    input: Buffer.concat([
      record.line('before'),
      Buffer.from('??'),
      record.line('between'),
      record.parseError('lc'),
      record.line('behind'),
      record.eof(),
      record.line('never seen'),
    ]),
    config: NONE,
  },
  {
    name: 'records-unrecoverable',
    plugin: 'records',
    input: Buffer.concat([record.line('before'), record.unrecoverable('it cannot be'), record.line('never seen')]),
    config: NONE,
  },
  {
    name: 'records-cut',
    plugin: 'records',
    input: Buffer.concat([record.line('whole'), record.line('x'.repeat(3000)).subarray(0, 1500)]),
    config: NONE,
  },
  {
    name: 'records-cut-without-error',
    plugin: 'records',
    input: Buffer.concat([record.line('whole'), record.line('x'.repeat(3000)).subarray(0, 1500)]),
    config: () => ({ 'when-short': 'nothing', 'items-per-call': 1 }),
  },
  {
    name: 'csv-quoted',
    plugin: 'csv',
    input: Buffer.from('a,b,c\r\n"x ""q"" y","two\nlines",\r\n\n"",""""\n,\n"behind" it,"open\n'),
    config: NONE,
  },
  {
    name: 'csv-configured',
    plugin: 'csv',
    input: Buffer.from('head\tline\nä\t€\n\xe4\t\xff\xfe\nlast\trow', 'latin1'),
    config: () => ({ delimiter: 'tab', 'skip-first': true }),
  },
  {
    name: 'csv-strict',
    plugin: 'csv',
    input: Buffer.from('a,b\n"c" d,e\nf,g\n'),
    config: () => ({ strict: true }),
  },
  {
    name: 'json-lines',
    plugin: 'json-lines',
    input: Buffer.from(
      '{"time":1,"level":"warn","message":"hello","a":[1,2]}\nplain\n{"message":"ü😀"}\n[1]\n{"level":"end"}',
    ),
    config: NONE,
  },
  {
    name: 'json-lines-configured',
    plugin: 'json-lines',
    input: Buffer.from('{"t":"12:00","l":1,"m":null,"message":"x"}\n'),
    config: () => ({ time: 't', level: 'l', message: 'm' }),
  },
  {
    // Lines that are no objects are passed on as they are: with columns that are joined as Chipmunk's own crate joins them.
    name: 'json-lines-joined',
    plugin: 'json-lines',
    input: Buffer.from(
      ['1|WARN|größer als 语', '2|INFO', 'alone', '||', '3|INFO|more|than|named|', '{"message":"a|b"}', '4||😀']
        .map((line) => `${line.replaceAll('|', '\u0004')}\n`)
        .join(''),
    ),
    config: NONE,
  },
  {
    name: 'source-files',
    plugin: 'file-source',
    input: undefined,
    files: { 'a b/ü.log': 'first\n', 'b/second.log': 'second\n', 'b/empty.log': '', 'c/z': 'z\n', 'c/a': 'a\n' },
    config: (at) => ({
      'input-path': [at('a b/ü.log'), at('b/empty.log'), at('b/second.log'), at('a b/ü.log')],
      directories: [at('c')],
    }),
  },
  {
    name: 'source-offset',
    plugin: 'file-source',
    input: undefined,
    files: { file: '0123456789' },
    config: (at) => ({ 'input-path': [at('file')], offset: 4, most: 1 }),
  },
  {
    name: 'source-tail',
    plugin: 'file-source',
    input: undefined,
    files: { short: '012', long: '0123456789' },
    config: (at) => ({ 'input-path': [at('short'), at('long')], offset: -4 }),
  },
];

const RANDOM = { lines: randomLines, records: randomRecords, csv: randomCsv, 'json-lines': randomJsonLines };

/** A case for a parser that follows from the seed alone. */
export function randomCase(plugin: keyof typeof RANDOM, seed: number): InteropCase {
  return RANDOM[plugin](`${plugin}-random-${seed}`, new SeededRandom(seed));
}

function randomLines(name: string, random: SeededRandom): InteropCase {
  const config = {
    lossy: random.chance(50),
    prefix: random.chance(50) ? random.text(5) : '',
    'first-number': random.pick([0, 0, 1, -5, 2147483647]),
    factor: random.pick([1, 1, 0.5, -2, 1e30]),
    ending: random.pick(['LF', 'LF', 'NUL']),
    chatter: random.pick(['silent', 'start', 'calls']),
  };
  const lines = random.many(random.below(200), () => {
    const line = random.chance(90) ? Buffer.from(random.text(120)) : random.bytes(random.below(60));
    return Buffer.concat([line, Buffer.from(random.pick(['\n', '\n', '\n', '\r\n', '\0']))]);
  });
  if (random.chance(50)) lines.push(Buffer.from(random.text(20)));
  return { name, plugin: 'lines', input: Buffer.concat(lines), config: () => config };
}

function randomRecords(name: string, random: SeededRandom): InteropCase {
  const config = {
    'items-per-call': random.pick([0, 1, 2, 7, 4096]),
    'when-short': random.pick(['incomplete', 'nothing']),
  };
  const parts = random.many(random.below(60), () => randomRecord(random));
  const whole = Buffer.concat(parts);
  const input = random.chance(20) ? whole.subarray(0, random.below(whole.length + 1)) : whole;
  return { name, plugin: 'records', input, config: () => config };
}

function randomRecord(random: SeededRandom): Buffer {
  const attachment = () => ({
    name: random.text(10),
    size: BigInt(random.below(2 ** 32)),
    ...(random.chance(50) ? { created: random.text(10) } : {}),
    ...(random.chance(50) ? { modified: random.text(10) } : {}),
    messages: random.many(random.below(4), () => BigInt(random.below(2 ** 32)) * 4_294_967_311n),
    data: random.bytes(random.below(300)),
  });
  const texts = () => random.many(random.below(6), () => random.text(20));
  switch (random.below(40)) {
    case 0:
      return record.parseError(random.text(10));
    case 1:
      return random.bytes(random.below(8));
    case 2:
      return record.incomplete();
    case 3:
      return random.chance(10) ? record.eof() : record.timestamp();
    case 4:
      return random.chance(10) ? record.unrecoverable(random.text(10)) : record.skipped(random.below(20));
    case 5:
    case 6:
    case 7:
      return record.skipped(random.below(20));
    case 8:
    case 9:
    case 10:
      return record.attachment(attachment());
    case 11:
    case 12:
      return record.lineAndAttachment(random.text(30), attachment());
    case 13:
    case 14:
      return record.columnsAndAttachment(texts(), attachment());
    default:
      return random.chance(50) ? record.line(random.text(60)) : record.columns(texts());
  }
}

function randomCsv(name: string, random: SeededRandom): InteropCase {
  const delimiter = random.pick([',', ';', 'tab']);
  const config = { delimiter, 'skip-first': random.chance(30), strict: random.chance(30) };
  const field = () => {
    const plain = random.text(12);
    if (random.chance(60)) return plain;
    return `"${plain.replaceAll('"', '""')}${random.pick(['', '', ',', '\n', '""'])}"${random.chance(5) ? 'x' : ''}`;
  };
  const row = () => {
    const fields = random.many(random.below(7), field).join(delimiter === 'tab' ? '\t' : delimiter);
    const bytes = random.chance(90) ? Buffer.from(fields) : Buffer.from(fields, 'latin1');
    return Buffer.concat([bytes, Buffer.from(random.pick(['\n', '\n', '\r\n']))]);
  };
  const input = Buffer.concat([...random.many(random.below(100), row), Buffer.from(random.chance(50) ? field() : '')]);
  return { name, plugin: 'csv', input, config: () => config };
}

function randomJsonLines(name: string, random: SeededRandom): InteropCase {
  const config = random.chance(50) ? {} : { time: 'a', level: 'b', message: 'c' };
  const line = () => {
    const names = random.many(random.below(5), () => random.pick(['time', 'level', 'message', 'a', 'b', 'c', 'other']));
    const value = () => random.pick<unknown>([random.text(20), random.below(1000), null, true, [1, random.text(3)]]);
    const text = random.chance(80)
      ? JSON.stringify(Object.fromEntries(names.map((id) => [id, value()])))
      : random.text(40);
    return `${text}\n`;
  };
  const input = Buffer.from(random.many(random.below(60), line).join(''));
  return { name, plugin: 'json-lines', input: random.chance(50) ? input : input.subarray(0, -1), config: () => config };
}
