/** Names of sources as URLs, and commands as words. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { shellWords } from '#shared/shell-words.js';
import { sourceFromUrl } from '#shared/source-url.js';
import { SCHEME_NAMES } from '#shared/url-schemes.js';

const seen: readonly (readonly [string, unknown])[] = [
  ['pcap:trace.pcapng', { pcap: { file: 'trace.pcapng' } }],
  ['pcap:-', { pcap: { file: '-' } }],
  [
    'pcap:a%3Fb.pcap?payload=udp&port=3490&port=3491&sourceAddress=10.0.0.0/8&maxWaitMs=none',
    {
      pcap: {
        file: 'a?b.pcap',
        payload: 'udp',
        maxWaitMs: Number.POSITIVE_INFINITY,
        filters: { port: [3490, 3491], sourceAddress: '10.0.0.0/8' },
      },
    },
  ],
  ['tcp://192.168.0.10:3490', { tcp: { host: '192.168.0.10', port: 3490 } }],
  [
    'tcp://bench:3490?connectTimeoutMs=none',
    { tcp: { host: 'bench', port: 3490, connectTimeoutMs: Number.POSITIVE_INFINITY } },
  ],
  ['TCP://Bench:3490', { tcp: { host: 'Bench', port: 3490 } }],
  ['tcp://[::1]:3490', { tcp: { host: '::1', port: 3490 } }],
  ['tcp://[fe80::1%25eth0]:3490', { tcp: { host: 'fe80::1%eth0', port: 3490 } }],
  ['tcp-listen://:3490', { tcpListen: { port: 3490 } }],
  ['tcp-listen://[::]:0', { tcpListen: { host: '::', port: 0 } }],
  ['udp://:3490', { udp: { port: 3490 } }],
  [
    'udp://127.0.0.1:3490?receiveBufferBytes=1000000',
    { udp: { port: 3490, address: '127.0.0.1', receiveBufferBytes: 1_000_000 } },
  ],
  [
    'udp://239.255.42.99:3490?interface=192.168.0.2&timestamps',
    { udp: { port: 3490, groups: [{ address: '239.255.42.99', interface: '192.168.0.2' }], timestamps: true } },
  ],
  [
    'udp://239.255.42.99:3490?interface=eth0&group=239.255.42.98@eth1&group=239.255.42.97',
    {
      udp: {
        port: 3490,
        groups: [
          { address: '239.255.42.99', interface: 'eth0' },
          { address: '239.255.42.98', interface: 'eth1' },
          { address: '239.255.42.97', interface: 'eth0' },
        ],
      },
    },
  ],
  ['udp://[ff02::1]:3490', { udp: { port: 3490, groups: [{ address: 'ff02::1' }] } }],
  ['unix:///run/x.sock', { unix: { path: '/run/x.sock' } }],
  ['unix:x.sock', { unix: { path: 'x.sock' } }],
  ['unix-listen:///run/a%20b%3F.sock', { unixListen: { path: '/run/a b?.sock' } }],
  ['exec:adb logcat -v "long"?x=1', { process: { command: 'adb logcat -v "long"?x=1' } }],
  [
    'serial:///dev/ttyUSB0?baudRate=115200&rtscts',
    { serial: { path: '/dev/ttyUSB0', baudRate: 115_200, rtscts: true } },
  ],
  ['serial://COM3?baudRate=9600', { serial: { path: 'COM3', baudRate: 9600 } }],
];

describe('a URL names a source', () => {
  test.each(seen.filter(([text]) => SCHEME_NAMES.includes(text.split(':')[0]?.toLowerCase() ?? '')))(
    '%s',
    (text, source) => {
      expect(sourceFromUrl(text)).toEqual(source);
    },
  );
});

test.each([
  'trace.log',
  './tcp:x',
  'C:\\logs\\x.log',
  'a:b',
  'notes: monday.log',
  '/tmp/tcp://x:1',
  'https://example.org/x.log',
  '-',
])('%s is a file', (text) => {
  expect(sourceFromUrl(text)).toBeUndefined();
});

const faults: readonly (readonly [string, RegExp])[] = [
  ['tcp://bench', /port is missing.*tcp:\/\/192/s],
  ['tcp://bench:', /port is missing/],
  ['tcp://:3490', /host is missing/],
  ['tcp:bench:3490', /'\/\/' is missing/],
  ['tcp://bench:99999', /port is '99999'; expected a whole number from 0 to 65535/],
  ['tcp://::1:3490', /IPv6 address has brackets/],
  ['tcp://me@bench:3490', /no host and port/],
  ['tcp://', /port is missing/],
  ['udp://:1?interfce=eth0', /no option 'interfce'; 'interface' was probably meant.*It has: .*interface/s],
  ['udp://:1?constructor=1', /no option 'constructor'/],
  ['serial:///x?baudRate=1&baudRate=2', /'baudRate' is given twice/],
  ['serial:///dev/x?baudRate=fast', /'baudRate' is 'fast'; expected a whole number from 1/],
  ['serial:///dev/x?parity=evn', /'parity' is 'evn'; expected 'none', 'even'/],
  ['serial:///dev/x', /source\.serial\.baudRate/],
  ['serial:///dev/x?path=y', /no option 'path'/],
  ['serial:///dev/x?rtscts=perhaps', /'rtscts' is 'perhaps'; expected true or false/],
  ['serial://', /names no path/],
  ['exec: ', /names no command/],
  ['tcpp://bench:3490', /'tcpp' is no scheme; 'tcp' was probably meant.*'\.\/tcpp:/s],
];

test.each(faults)('%s is refused', (text, expected) => {
  let thrown: { code?: string; message?: string; help?: string } = {};
  try {
    sourceFromUrl(text);
  } catch (error) {
    thrown = error as typeof thrown;
  }
  expect(thrown.code).toBe('ERR_INVALID_OPTION');
  expect(`${thrown.message}\n${thrown.help}`).toMatch(expected);
});

const commands = [
  'a b  c',
  ' a\tb c ',
  `'a b' "c d" e\\ f`,
  `a'b'"c"d`,
  `''  "" x`,
  `'a\\b' "a\\b" "a\\"b" "a\\\\b" "a\\$b" 'it'\\''s'`,
  'a\\\nb "c\\\nd"',
  `\\'a\\' \\"b`,
  `äöü '日本 語' "🐿 x"`,
];

/** Commands in which a shell would expand nothing. */
test.each(commands)('the words of %j are those of sh', (command) => {
  const print = `for word in "$@"; do printf '%s\\0' "$word"; done`;
  const { stdout } = spawnSync('sh', ['-c', `set -- ${command}\n${print}`], { encoding: 'utf8' });
  expect(shellWords(command)).toEqual(stdout.split('\0').slice(0, -1));
});

test('nothing of a command is expanded', () => {
  expect(shellWords('$HOME *.log ~ `id` $(id) a|b > c # d')).toEqual([
    '$HOME',
    '*.log',
    '~',
    '`id`',
    '$(id)',
    'a|b',
    '>',
    'c',
    '#',
    'd',
  ]);
});

test.each([
  [`a 'b`, /single quote at character 3 .* not closed/],
  ['a "b\\"', /double quote at character 3 .* not closed/],
  ['a \\', /ends with a backslash/],
])('%s is refused', (command, message) => {
  expect(() => shellWords(command)).toThrow(message);
});
