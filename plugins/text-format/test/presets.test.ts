import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { configOf, parseAll, type Settings, type Shown, startPlugin } from './feed.js';

/** For each preset lines, the columns that they become, and the common columns. */
const SAMPLES: Readonly<
  Record<string, readonly (readonly [line: string, columns: readonly string[], common: readonly string[]])[]>
> = {
  'access-combined': [
    [
      '54.36.149.41 - - [22/Jan/2019:03:56:14 +0330] "GET /filter/27|13%20%D9 HTTP/1.1" 200 30577 "-" "Mozilla/5.0 (compatible; AhrefsBot/6.1)" "-"',
      [
        '22/Jan/2019:03:56:14 +0330',
        '54.36.149.41',
        '-',
        '-',
        'GET /filter/27|13%20%D9 HTTP/1.1',
        '200',
        '30577',
        '-',
        'Mozilla/5.0 (compatible; AhrefsBot/6.1)',
        '"-"',
      ],
      [
        '22/Jan/2019:03:56:14 +0330',
        '',
        '54.36.149.41',
        'GET /filter/27|13%20%D9 HTTP/1.1',
        '{"identity":"-","user":"-","status":"200","bytes":"30577","referer":"-","agent":"Mozilla/5.0 (compatible; AhrefsBot/6.1)","more":"\\"-\\""}',
      ],
    ],
    [
      String.raw`::1 id John Doe [10/Oct/2000:13:55:36 -0700] "GET /a\"b HTTP/1.0" 304 - "http://a/\"" "x \\ y"`,
      [
        '10/Oct/2000:13:55:36 -0700',
        '::1',
        'id',
        'John Doe',
        String.raw`GET /a\"b HTTP/1.0`,
        '304',
        '-',
        String.raw`http://a/\"`,
        String.raw`x \\ y`,
        '',
      ],
      [
        '10/Oct/2000:13:55:36 -0700',
        '',
        '::1',
        String.raw`GET /a\"b HTTP/1.0`,
        String.raw`{"identity":"id","user":"John Doe","status":"304","bytes":"-","referer":"http://a/\\\"","agent":"x \\\\ y"}`,
      ],
    ],
  ],
  'access-common': [
    [
      '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326',
      ['10/Oct/2000:13:55:36 -0700', '127.0.0.1', '-', 'frank', 'GET /apache_pb.gif HTTP/1.0', '200', '2326'],
      [
        '10/Oct/2000:13:55:36 -0700',
        '',
        '127.0.0.1',
        'GET /apache_pb.gif HTTP/1.0',
        '{"identity":"-","user":"frank","status":"200","bytes":"2326"}',
      ],
    ],
    [
      '10.0.0.7 - - [01/Feb/2024:00:00:00 +0000] "" 400 0',
      ['01/Feb/2024:00:00:00 +0000', '10.0.0.7', '-', '-', '', '400', '0'],
      ['01/Feb/2024:00:00:00 +0000', '', '10.0.0.7', '', '{"identity":"-","user":"-","status":"400","bytes":"0"}'],
    ],
  ],
  'syslog-5424': [
    [
      "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \ufeff'su root' failed for lonvick on /dev/pts/8",
      [
        '2003-10-11T22:14:15.003Z',
        'crit',
        'auth',
        'mymachine.example.com',
        'su',
        '-',
        'ID47',
        '-',
        "'su root' failed for lonvick on /dev/pts/8",
      ],
      [
        '2003-10-11T22:14:15.003Z',
        'crit',
        'su',
        "'su root' failed for lonvick on /dev/pts/8",
        '{"facility":"auth","host":"mymachine.example.com","pid":"-","id":"ID47","data":"-"}',
      ],
    ],
    [
      String.raw`<165>1 2003-10-11T22:14:15.003-07:00 host evntslog 12 - [exampleSDID@32473 iut="3" eventSource="A\]\"p] p"][b@1 c=""]`,
      [
        '2003-10-11T22:14:15.003-07:00',
        'notice',
        'local4',
        'host',
        'evntslog',
        '12',
        '-',
        String.raw`[exampleSDID@32473 iut="3" eventSource="A\]\"p] p"][b@1 c=""]`,
        '',
      ],
      [
        '2003-10-11T22:14:15.003-07:00',
        'notice',
        'evntslog',
        '',
        `{"facility":"local4","host":"host","pid":"12","id":"-","data":${JSON.stringify(String.raw`[exampleSDID@32473 iut="3" eventSource="A\]\"p] p"][b@1 c=""]`)}}`,
      ],
    ],
  ],
  syslog: [
    [
      "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
      ['Oct 11 22:14:15', 'crit', 'auth', 'mymachine', 'su', '', "'su root' failed for lonvick on /dev/pts/8"],
      [
        'Oct 11 22:14:15',
        'crit',
        'su',
        "'su root' failed for lonvick on /dev/pts/8",
        '{"facility":"auth","host":"mymachine"}',
      ],
    ],
    [
      'Mar  1 06:25:43 server1 sshd[23102]: Accepted publickey for server from 115.71.16.143 port 49309',
      [
        'Mar  1 06:25:43',
        '',
        '',
        'server1',
        'sshd',
        '23102',
        'Accepted publickey for server from 115.71.16.143 port 49309',
      ],
      [
        'Mar  1 06:25:43',
        '',
        'sshd',
        'Accepted publickey for server from 115.71.16.143 port 49309',
        '{"host":"server1","pid":"23102"}',
      ],
    ],
    [
      '2024-03-18T06:00:00.013456+01:00 host kernel: [    0.000000] x: y',
      ['2024-03-18T06:00:00.013456+01:00', '', '', 'host', 'kernel', '', '[    0.000000] x: y'],
      ['2024-03-18T06:00:00.013456+01:00', '', 'kernel', '[    0.000000] x: y', '{"host":"host"}'],
    ],
    [
      'Mar 18 06:00:00 host last message repeated 2 times',
      ['Mar 18 06:00:00', '', '', 'host', '', '', 'last message repeated 2 times'],
      ['Mar 18 06:00:00', '', '', 'last message repeated 2 times', '{"host":"host"}'],
    ],
  ],
  logcat: [
    [
      '03-18 06:00:00.013  1702  2395 D PowerManagerService: acquire: lock=123',
      ['03-18 06:00:00.013', 'D', 'PowerManagerService', '', '1702', '2395', 'acquire: lock=123'],
      ['03-18 06:00:00.013', 'D', 'PowerManagerService', 'acquire: lock=123', '{"pid":"1702","tid":"2395"}'],
    ],
    [
      '2024-03-18 06:00:00.013456 +0100  root     1     1 I init    : ',
      ['2024-03-18 06:00:00.013456 +0100', 'I', 'init', 'root', '1', '1', ''],
      ['2024-03-18 06:00:00.013456 +0100', 'I', 'init', '', '{"user":"root","pid":"1","tid":"1"}'],
    ],
  ],
  'logcat-time': [
    [
      '03-18 06:00:00.013 W/ActivityManager( 1702): Slow operation',
      ['03-18 06:00:00.013', 'W', 'ActivityManager', '1702', 'Slow operation'],
      ['03-18 06:00:00.013', 'W', 'ActivityManager', 'Slow operation', '{"pid":"1702"}'],
    ],
  ],
  'logcat-brief': [
    [
      'E/Android Runtime (12345): FATAL EXCEPTION: main',
      ['E', 'Android Runtime', '12345', 'FATAL EXCEPTION: main'],
      ['', 'E', 'Android Runtime', 'FATAL EXCEPTION: main', '{"pid":"12345"}'],
    ],
  ],
  klog: [
    [
      'I0318 06:00:00.013456   12345 server.go:123] "Started" node="a"',
      ['0318 06:00:00.013456', 'I', '12345', 'server.go:123', '"Started" node="a"'],
      ['0318 06:00:00.013456', 'I', 'server.go:123', '"Started" node="a"', '{"tid":"12345"}'],
    ],
    [
      'E20240318 06:00:01.5 7 main.cc:9] failed\n    @ 0x1 main\nthe end',
      ['20240318 06:00:01.5', 'E', '7', 'main.cc:9', 'failed\n    @ 0x1 main\nthe end'],
      ['20240318 06:00:01.5', 'E', 'main.cc:9', 'failed\n    @ 0x1 main\nthe end', '{"tid":"7"}'],
    ],
  ],
};

describe.each(Object.entries(SAMPLES))('%s', (preset, samples) => {
  const input = Buffer.from(samples.map(([line]) => `${line}\n`).join(''));

  test('shows its columns, wherever slices end', async () => {
    const plugin = await startPlugin();
    for (let window = 1; window <= input.length; window += 7) {
      const items = parseAll(plugin, input, { preset }, [window]);
      expect(items.map(({ shown }) => shown)).toEqual(samples.map(([, columns]) => columns));
      expect(items.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(input.length);
    }
    const captions = plugin.exports.getRenderOptions().columnsOptions?.columns ?? [];
    expect(captions).toHaveLength(samples[0]?.[1].length as number);
  });

  test('is found, and shown in the common columns', async () => {
    const plugin = await startPlugin();
    for (const window of [1, 100, 1_000_000]) {
      const before = plugin.log.length;
      const items = parseAll(plugin, input, {}, [window]);
      expect(items.map(({ shown }) => shown)).toEqual(samples.map(([, , common]) => common));
      expect(plugin.log[before]?.message).toContain(`preset = ${preset} shows all its columns`);
    }
  });

  test('is no other format', async () => {
    const plugin = await startPlugin();
    for (const other of Object.keys(SAMPLES).filter((name) => name !== preset)) {
      const rows = parseAll(plugin, input, { preset: other, continuation: 'none' });
      const isText = (shown: Shown) => shown?.filter((column) => column !== '').length === 1;
      expect(rows.filter(({ shown }) => !isText(shown))).toEqual([]);
    }
  });
});

describe('auto', () => {
  const lines = (...texts: string[]) => texts.map((text) => `${text}\n`).join('');
  const known = 'Mar 18 06:00:00 host a: b';

  test.each<[string, string, string]>([
    [
      'half of the lines',
      lines('x', known, 'y', known),
      'the format is syslog, RFC 3164: it matches 2 of the first 4 lines',
    ],
    ['indented and blank lines do not count', lines(known, ' x', '', '\ty'), 'it matches 1 of the first 1 lines'],
    ['20 lines', lines(...Array<string>(20).fill(known), ...Array<string>(30).fill('x')), '20 of the first 20 lines'],
    ['fewer than half', lines('x', known, 'y'), 'the format is not known: none matches half of the first 3 lines'],
    ['the last line need not end', known, 'it matches 1 of the first 1 lines'],
  ])('%s', async (_, input, message) => {
    const plugin = await startPlugin();
    const items = parseAll(plugin, Buffer.from(input), {}, [3]);
    expect(plugin.log.map((line) => line.message).join()).toContain(message);
    expect(items.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(input.length);
  });

  test('shows what is of no known format as text', async () => {
    const plugin = await startPlugin();
    const items = parseAll(plugin, Buffer.from('one\n\ntwo'), {});
    expect(items.map(({ shown }) => shown)).toEqual(['one', '', 'two'].map((text) => ['', '', '', text, '']));
  });
});

test.each<[Settings, string]>([
  [
    { preset: 'none' },
    "preset: expected auto, access-combined, access-common, syslog-5424, syslog, logcat, logcat-time, logcat-brief, klog, not 'none'",
  ],
  [{ preset: 'klog', pattern: '(?<a>.*)' }, "pattern: expected none beside the preset 'klog'"],
  [{ timeZone: 'Europe/Berlin' }, "time-zone: expected UTC or an offset such as +01:00, not 'Europe/Berlin'"],
  [{ year: 24 }, 'year: expected 1678 to 2261, or 0, not 24'],
  [{ continuation: 'some' }, "continuation: expected auto, none, indented, all, not 'some'"],
])('%j is refused', async (settings, message) => {
  const { exports } = await startPlugin();
  let error: unknown;
  try {
    exports.init({ logLevel: 'info' }, configOf(settings));
  } catch (thrown) {
    error = thrown;
  }
  expect(JSON.stringify(error)).toContain(JSON.stringify(message).slice(1, -1));
});

test('describes its configuration and its columns, which follow it', async () => {
  const { exports } = await startPlugin();
  const captions = () => exports.getRenderOptions().columnsOptions?.columns.map(({ caption }) => caption);
  expect(exports.getConfigSchemas().map(({ id }) => id)).toEqual([
    'preset',
    'pattern',
    'continuation',
    'time-zone',
    'year',
  ]);
  expect(captions()).toEqual(['Time', 'Level', 'Component', 'Message', 'Rest']);
  exports.init({ logLevel: 'info' }, configOf({ pattern: '(?<a>.)(?<b>.*)' }));
  expect(captions()).toEqual(['a', 'b']);
});

const FOLDER = new URL('../../../../shared/data/text/', import.meta.url);
describe.skipIf(!existsSync(FOLDER))('logs of other programs (skipped where ../shared/data is missing)', () => {
  test('an access log', async () => {
    const plugin = await startPlugin();
    const input = readFileSync(new URL('lnav_logfile_shop_access_log.0', FOLDER));
    const lines = input.toString().trimEnd().split('\n');
    const pattern =
      /^(\S+) (\S+) (.+?) \[([^\]]+)\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+) "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"(?: (.*))?$/s;
    const rows = parseAll(plugin, input, { preset: 'access-combined' }, [50_000]);
    const expected = lines.map((line) => {
      const [, host, identity, user, time, ...others] = pattern.exec(line)?.map((text) => text ?? '') ?? [];
      return [time, host, identity, user, ...others];
    });
    expect(rows.map(({ shown }) => shown)).toEqual(expected);
    const before = plugin.log.length;
    parseAll(plugin, input, {});
    expect(plugin.log[before]?.message).toContain('preset = access-combined');
  });

  test.each([
    ['lnav_logfile_generic.0', String.raw`(?<timestamp>[\d-]+ [\d:,]+):(?<level>[A-Z]+):(?<message>.*)`, 2],
    ['lnav_logfile_crlf.0', String.raw`(?<timestamp>[\d-]+ [\d:,]+):(?<level>[A-Z]+):(?<message>.*)`, 2],
    ['lnav_logfile_multiline.0', String.raw`(?<timestamp>[\d-]+ [\d:,]+):(?<level>[A-Z]+):(?<message>.*)`, 2],
    [
      'lnav_logfile_java.0',
      String.raw`(?<timestamp>\S+) +(?<level>[A-Z]+) +\[(?<thread>[^\]]*?) *\] (?<component>\S+) +: (?<message>.*)`,
      20,
    ],
    [
      'lnav_logfile_laravel.0',
      String.raw`\[(?<timestamp>[\d-]+ [\d:]+)\] (?<component>\w+)\.(?<level>\w+): (?<message>.*)`,
      82,
    ],
  ])('%s by a pattern', async (name, pattern, count) => {
    const plugin = await startPlugin();
    const input = readFileSync(new URL(name, FOLDER));
    const expression = new RegExp(`^(?:${pattern})$`, 's');
    const expected: string[][] = [];
    for (const line of input
      .toString()
      .replace(/\r?\n$/, '')
      .split(/\r?\n/)) {
      const found = expression.exec(line);
      if (found !== null) expected.push([...found].slice(1));
      else expected.at(-1)?.push(`${expected.at(-1)?.pop()}\n${line}`);
    }
    const rows = parseAll(plugin, input, { pattern }, [5000]);
    expect(rows.map(({ shown }) => shown)).toEqual(expected);
    expect(rows).toHaveLength(count);
  });
});
