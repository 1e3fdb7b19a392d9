/** The folder that golden cases run in: the inputs, the plugins, and a home of its own. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

const SAMPLE_BYTES = 600_000;
/** More than one split of a file that several instances share: they are 8 MiB. */
const LARGE_BYTES = 20 * 1024 * 1024;
/** A real log that is larger is left out, so that outputs stay small. */
const MOST_REAL_BYTES = 512 * 1024;

const TEXT = 'one\ntwo ü\n\nfour 語 😀\n\ttabs\tand "quotes" \\ \n';
const SOURCE_CONFIG =
  '[[config]]\nid = "prefix"\nvalue.Text = "> "\n\n[[config]]\nid = "columns"\nvalue.Boolean = true\n';

/**
 * Makes the folder below the system's temporary folder.
 * @param {string} root the project
 */
export async function setStage(root) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'golden-')));
  for (const name of ['home', 'home/p', 'tmp', 'plugins', 'in', 'out']) mkdirSync(join(folder, name));
  const file = (name, content) => writeFileSync(join(folder, name), content);
  writeTexts(file);
  await writeSamples(root, file);
  await copyPlugins(root, folder);
  const { cases, randoms } = await interopCases(root, folder, file);
  return { folder, cases, randoms, realLogs: copyRealLogs(root, folder) };
}

function writeTexts(file) {
  file('in/lf.txt', TEXT);
  file('in/crlf.txt', TEXT.replaceAll('\n', '\r\n'));
  file('in/open-end.txt', 'one\ntwo, without an end');
  file('in/empty.txt', '');
  file('in/newline.txt', '\n');
  file('in/bom.txt', `\ufeff${TEXT}`);
  file('in/nul.txt', 'a\0b\nc\r\r\nd\u0004e\u0004f\n\u001b[31mred\u001b[0m\n');
  file('in/utf-16le.txt', Buffer.from(`\ufeff${TEXT}`, 'utf16le'));
  file('in/utf-16be.txt', Buffer.from(`\ufeff${TEXT}`, 'utf16le').swap16());
  file('in/latin-1.txt', Buffer.from('größer\nkürzer\nplain\n', 'latin1'));
  file('in/invalid.txt', Buffer.from('a\xff\xfeb\nfine\n\xc3\n', 'latin1'));
  file('in/binary.bin', Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * index + 7 * index) & 0xff)));
  file('in/gzip.gz', Buffer.from('1f8b0800000000000003', 'hex'));
  file('in/long-line.txt', `${'long '.repeat(600_000)}\nshort\n`);
  file(
    'in/faults.txt',
    'one\n!trap\ntwo\n!bounds\n!divide\nthree\n!throw\n!utf8\n!pointer\n!consumed\nfour\n!parse\n5\n',
  );
  file('in/one-fault.txt', 'before\n!trap\nbehind\n');
  file('in/all-faults.txt', '!trap\n'.repeat(12));
  file('in/unrecoverable.txt', 'before\n!unrecoverable\nbehind\n');
  file('in/end.txt', 'before\n!eof\nbehind\n');
  file('in/loop.txt', 'before\n!loop\nbehind\n');
  file('in/memory.txt', 'before\n!memory\nbehind\n');
  file('in/stamp.txt', 'before\n!stamp\nbehind\n');
  file(
    'in/acts.txt',
    'environment\narguments\ndirectory\nread|/etc/passwd\nlist|/\nconnect|127.0.0.1:1\nstdout|hello\nlog|warn|word\n',
  );
  file('in/panics.txt', 'plain\npanic|on purpose\nexit|3\nabort\nplain again\n');
  file('in/config.toml', SOURCE_CONFIG);
  file('in/config.json', '{"prefix": "json> ", "lossy": true}');
  file('in/wrong-config.json', '{"no-such": 1, "lossy": "perhaps"}');
  file('in/broken.toml', '[[config]\nid = ');
  file('in/no-plugin.wasm', 'this is no component');
  file('in/empty-module.wasm', Buffer.from('0061736d01000000', 'hex'));
}

async function writeSamples(root, file) {
  const { logBlocks } = await import(join(root, 'packages', 'cli', 'dist', 'demo', 'sample-log.js'));
  for (const [name, bytes] of [
    ['in/sample.txt', SAMPLE_BYTES],
    ['in/large.txt', LARGE_BYTES],
  ])
    file(name, Buffer.concat(Array.from(logBlocks(bytes), (block) => Buffer.from(block))));
}

async function copyPlugins(root, folder) {
  const { INTEROP_PLUGINS, interopPlugin } = await import(join(root, 'compat', 'dist', 'index.js'));
  for (const name of INTEROP_PLUGINS) copyFileSync(interopPlugin(name), join(folder, 'plugins', `${name}.wasm`));
  const { faultyPlugin } = await import(join(root, 'packages', 'hosts', 'test', 'faults', 'faulty-plugin.mjs'));
  writeFileSync(join(folder, 'plugins', 'faulty.wasm'), await faultyPlugin());
}

/** Cases with inputs by hand, and some from seeds, of each parser in other languages. Their inputs are `in/NAME.bin`. */
async function interopCases(root, folder, file) {
  const { CASES, randomCase } = await import(join(root, 'compat', 'dist', 'index.js'));
  const made = (one) => {
    const base = join(folder, 'in', one.name);
    if (one.input !== undefined) file(`in/${one.name}.bin`, one.input);
    for (const [path, content] of Object.entries(one.files ?? {})) {
      mkdirSync(dirname(join(base, path)), { recursive: true });
      writeFileSync(join(base, path), content);
    }
    const config = one.config((path) => `in/${one.name}/${path}`);
    const configFile = `in/${one.name}.json`;
    file(configFile, JSON.stringify(config, numberAsText));
    return { name: one.name, plugin: one.plugin, isSource: one.input === undefined, config, configFile };
  };
  const randoms = ['lines', 'records', 'csv', 'json-lines'].flatMap((plugin) =>
    [1, 2].map((seed) => randomCase(plugin, seed)),
  );
  return { cases: CASES.map(made), randoms: randoms.map(made) };
}

/** JSON has no number for some of them. */
function numberAsText(_, value) {
  const hasNone = typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0));
  return hasNone ? (Object.is(value, -0) ? '-0' : String(value)) : value;
}

/** Text files that lie beside the project, if there are any. Names of their copies in the stage. */
function copyRealLogs(root, folder) {
  const source = join(root, '..', 'shared', 'data', 'text');
  if (!existsSync(source)) return [];
  return readdirSync(source, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort()
    .flatMap((name) => {
      const copy = join(folder, 'in', `real-${name}`);
      copyFileSync(join(source, name), copy);
      return statSync(copy).size > MOST_REAL_BYTES ? [] : [basename(copy)];
    });
}
