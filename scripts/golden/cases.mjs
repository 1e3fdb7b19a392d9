/**
 * The golden cases. Each is one run of the command line in the stage's folder, in this order: those of `plugins` build on each other.
 * @typedef {object} GoldenCase
 * @property {string} name unique, and good for a file name
 * @property {readonly string[] | ((stage: { folder: string }) => readonly string[])} args
 * @property {string} [input] a file of the stage that is standard input; default: an empty one
 * @property {readonly string[]} [outputs] files that the run writes: their content counts as standard output
 * @property {Record<string, string>} [env]
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const FORMATS = ['text', 'ndjson', 'msgpack', 'none'];
const STRING = ['--parser', 'string-parser'];
const FAULTY = ['--parser', 'plugins/faulty.wasm'];

const TEXTS = [
  'lf',
  'crlf',
  'open-end',
  'empty',
  'newline',
  'bom',
  'nul',
  'latin-1',
  'invalid',
  'utf-16le',
  'utf-16be',
];

/** @returns {readonly GoldenCase[]} */
export function goldenCases(stage) {
  const all = [
    ...textCases(),
    ...encodingCases(),
    ...optionCases(),
    ...inputCases(),
    ...parallelCases(),
    ...interopCases(stage),
    ...faultCases(),
    ...sourceCases(),
    ...refusedCases(),
    ...pluginsCases(),
    ...stage.realLogs.map((file) => ingest(file.replace('-', ' '), [`in/${file}`, ...STRING, '-f', 'ndjson'])),
  ];
  const twice = all.find(({ name }, at) => all.findIndex((other) => other.name === name) !== at);
  if (twice !== undefined) throw new Error(`two golden cases have the name '${twice.name}'`);
  return all;
}

function ingest(name, args, more = {}) {
  const ofArgs = (stage) => ['ingest', ...(typeof args === 'function' ? args(stage) : args)];
  return { name, args: ofArgs, ...more };
}

function textCases() {
  const formats = TEXTS.flatMap((text) =>
    FORMATS.map((format) => ingest(`text ${text} ${format}`, [`in/${text}.txt`, ...STRING, '-f', format])),
  );
  const columns = ['lf', 'nul', 'empty'].flatMap((text) =>
    FORMATS.map((format) =>
      ingest(`columns ${text} ${format}`, [`in/${text}.txt`, ...STRING, '-c', 'columns=true', '-f', format]),
    ),
  );
  const larger = ['sample', 'long-line'].flatMap((text) =>
    FORMATS.map((format) =>
      ingest(`text ${text} ${format}`, [`in/${text}.txt`, ...STRING, '-f', format, '--summary', 'json']),
    ),
  );
  return [...formats, ...columns, ...larger];
}

function encodingCases() {
  const read = [
    ['utf-16le', 'utf-16'],
    ['utf-16be', 'utf-16'],
    ['utf-16le', 'utf-16le'],
    ['utf-16be', 'utf-16le'],
    ['latin-1', 'latin-1'],
    ['binary', 'latin-1'],
    ['binary', 'utf-16'],
  ].map(([text, encoding]) => {
    const file = text === 'binary' ? 'in/binary.bin' : `in/${text}.txt`;
    return ingest(`encoding ${encoding} of ${text}`, [file, ...STRING, '-c', `encoding=${encoding}`, '-f', 'ndjson']);
  });
  return [
    ...read,
    ingest('encoding lossy', ['in/invalid.txt', ...STRING, '-c', 'lossy=true', '-f', 'ndjson', '--summary', 'text']),
    ingest('encoding binary', ['in/binary.bin', ...STRING, '-f', 'ndjson', '--summary', 'json']),
    ingest('encoding gzip', ['in/gzip.gz', ...STRING]),
  ];
}

function optionCases() {
  const lf = (name, ...args) => ingest(`option ${name}`, ['in/lf.txt', ...STRING, ...args]);
  return [
    lf('with-filename text', '--with-filename'),
    lf('with-filename ndjson', '--with-filename', '-f', 'ndjson'),
    lf('with-filename msgpack', '--with-filename', '-f', 'msgpack'),
    lf('separator', '--separator', ' | ', '-c', 'columns=true'),
    lf('separator filename', '--separator', ': ', '--with-filename'),
    lf('prefix', '-c', 'prefix=» '),
    lf('summary text', '--summary', 'text'),
    lf('summary json', '--summary', 'json', '-f', 'none'),
    lf('verbose', '--verbose'),
    lf('quiet', '--quiet', '--summary', 'json'),
    lf('config toml', '--config-file', 'in/config.toml'),
    lf('config json', '--config-file', 'in/config.json'),
    lf('config both', '--config-file', 'in/config.json', '-c', 'prefix=mine '),
    lf('memory', '--memory', '16', '--summary', 'json'),
    lf('deadline', '--deadline', 'none', '--max-restarts', '0', '--max-gaps', 'none'),
    lf('environment', '--env', 'GOLDEN=1'),
    { ...lf('format of the environment'), env: { CHIPMUNK_HOST_FORMAT: 'ndjson' } },
    { ...lf('output', '-o', 'out/items.txt'), outputs: ['out/items.txt'] },
    { ...lf('output ndjson', '-o', 'out/items.json', '-f', 'ndjson'), outputs: ['out/items.json'] },
    lf('output is input', '-o', 'in/lf.txt'),
    ingest('option default parser', ['in/lf.txt']),
    ingest('option fail-on-skip none skipped', ['in/lf.txt', ...STRING, '--fail-on-skip']),
    ingest('option fail-on-skip', ['in/invalid.txt', ...STRING, '--fail-on-skip']),
    ingest('option fail-on-skip quiet', ['in/invalid.txt', ...STRING, '--fail-on-skip', '--quiet']),
    ingest('option fail-on-skip share', ['in/invalid.txt', ...STRING, '--fail-on-skip=90%']),
    ingest('option no-split-columns', [
      'in/json-lines-joined.bin',
      '-p',
      'plugins/json-lines.wasm',
      '--no-split-columns',
    ]),
    ingest('option split columns', ['in/json-lines-joined.bin', '-p', 'plugins/json-lines.wasm', '--separator', '|']),
  ];
}

function inputCases() {
  return [
    ...FORMATS.map((format) =>
      ingest(`inputs several ${format}`, ['in/lf.txt', 'in/empty.txt', 'in/crlf.txt', ...STRING, '-f', format]),
    ),
    ingest('inputs several with a missing one', ['in/lf.txt', 'in/missing.txt', 'in/crlf.txt', ...STRING]),
    ingest('inputs several with one skipped', [
      ...['in/lf.txt', 'in/invalid.txt', ...STRING, '--fail-on-skip', '--with-filename', '--summary', 'json'],
    ]),
    ...['text', 'ndjson'].map((format) =>
      ingest(`inputs standard input ${format}`, ['-', ...STRING, '-f', format], { input: 'in/crlf.txt' }),
    ),
    ingest('inputs standard input and a file', ['in/lf.txt', '-', ...STRING, '-f', 'ndjson'], {
      input: 'in/latin-1.txt',
    }),
    ingest('inputs standard input empty', ['-', ...STRING, '--summary', 'text']),
    ingest('inputs directory', ['in', ...STRING]),
    ingest('inputs twice the same', ['in/lf.txt', 'in/lf.txt', ...STRING]),
  ];
}

function parallelCases() {
  return [
    ingest('parallel large ndjson', ['in/large.txt', ...STRING, '--parallel', '3', '-f', 'ndjson']),
    ingest('parallel large alone', ['in/large.txt', ...STRING, '-f', 'ndjson']),
    ingest('parallel small', ['in/lf.txt', ...STRING, '--parallel', '2', '-f', 'ndjson', '--summary', 'json']),
    ingest('parallel empty', ['in/empty.txt', ...STRING, '--parallel', '2', '--summary', 'json']),
    ingest('parallel utf-16', ['in/utf-16le.txt', ...STRING, '-c', 'encoding=utf-16', '--parallel', '2']),
    ingest('parallel without metadata', ['in/lf.txt', '-p', 'plugins/lines.wasm', '--parallel', '2']),
  ];
}

function interopCases({ cases, randoms }) {
  const parsers = cases.filter(({ isSource }) => !isSource);
  const ofCase = (format) => (one) =>
    ingest(`interop ${one.name} ${format}`, [
      ...[`in/${one.name}.bin`, '-p', `plugins/${one.plugin}.wasm`, '--config-file', one.configFile],
      ...['-f', format, '--summary', 'json'],
    ]);
  return [
    ...parsers.flatMap((one) => ['text', 'ndjson', 'msgpack'].map((format) => ofCase(format)(one))),
    ...randoms.map(ofCase('ndjson')),
    ...cases
      .filter(({ isSource }) => isSource)
      .map(({ name, plugin, config }) =>
        ingest(`interop ${name}`, ['-s', `plugins/${plugin}.wasm`, ...sourceConfig(config), ...STRING, '-f', 'ndjson']),
      ),
    ingest('interop acts', ['in/acts.txt', '-p', 'plugins/selftest.wasm', '--verbose']),
    ingest('interop panics', ['in/panics.txt', '-p', 'plugins/selftest.wasm', '-f', 'ndjson', '--summary', 'json']),
    ingest('interop panics msgpack', ['in/panics.txt', '-p', 'plugins/selftest.wasm', '-f', 'msgpack']),
  ];
}

function sourceConfig(config) {
  return Object.entries(config).flatMap(([id, value]) => {
    const values = Array.isArray(value) ? value : [value];
    return values.flatMap((one) => ['--source-config', `${id}=${one}`]);
  });
}

function faultCases() {
  const faulty = (name, file, ...args) => ingest(`fault ${name}`, [`in/${file}.txt`, ...FAULTY, ...args]);
  const crash = (kind, lines) => ['-c', `kind=${kind}`, '-c', `lines=${lines}`];
  return [
    ...FORMATS.map((format) => faulty(`many ${format}`, 'faults', '-f', format, '--summary', 'json')),
    faulty('many summary', 'faults', '--summary', 'text'),
    faulty('one verbose', 'one-fault', '--verbose'),
    faulty('one quiet', 'one-fault', '--quiet'),
    faulty('one fail-on-gap', 'one-fault', '--fail-on-gap', '-f', 'ndjson'),
    faulty('no excerpts', 'one-fault', '--no-excerpts', '-f', 'msgpack'),
    faulty('no restarts', 'one-fault', '--max-restarts', '0'),
    faulty('one gap too many', 'all-faults', '--max-gaps', '3', '--summary', 'json'),
    faulty('all', 'all-faults', '--summary', 'json'),
    faulty('without an end of gaps', 'all-faults', '--max-gaps', 'none', '--summary', 'json'),
    faulty('unrecoverable', 'unrecoverable', '-f', 'msgpack', '--summary', 'json'),
    faulty('end', 'end', '--summary', 'json'),
    faulty('loop', 'loop', '--deadline', '500', '-f', 'msgpack'),
    faulty('memory', 'memory', '--memory', '16', '--summary', 'json'),
    faulty('log', 'stamp', '--verbose'),
    faulty('restarts by lines', 'sample', ...crash('trap', 2000), '-f', 'ndjson', '--summary', 'json'),
    faulty('restarts msgpack', 'lf', ...crash('throw', 3), '-f', 'msgpack'),
    faulty('init refused', 'lf', '-c', 'init=refuse'),
    faulty('init trap', 'lf', '-c', 'init=trap'),
    faulty('always a parse error', 'lf', '-c', 'always=parse', '--summary', 'text'),
    faulty('always incomplete', 'lf', '-c', 'always=incomplete'),
    faulty('always nothing consumed', 'lf', '-c', 'always=nothing-consumed', '--summary', 'json'),
    faulty('quarantine', 'one-fault', '--quarantine', 'out/quarantine', '--summary', 'json'),
    replay('replay', []),
    replay('replay another', ['--parser', 'string-parser']),
    { name: 'replay no quarantine', args: ['replay', 'in/lf.txt'] },
    { name: 'replay missing', args: ['replay', 'in/missing.quarantine'] },
    faulty('quarantine of a file', 'one-fault', '--quarantine', 'in/lf.txt'),
  ];
}

/** Of the input that the case `fault quarantine` keeps. */
function replay(name, more) {
  return {
    name,
    args({ folder }) {
      const kept = readdirSync(join(folder, 'out', 'quarantine')).filter((file) => file.endsWith('.quarantine'));
      return ['replay', ...kept.map((file) => `out/quarantine/${file}`), ...more];
    },
  };
}

function sourceCases() {
  const from = (path, ...args) => ['-s', 'file-source', '--source-config', `input-path=${path}`, ...args];
  return [
    ...['text', 'ndjson'].map((format) => ingest(`source file ${format}`, from('in/lf.txt', ...STRING, '-f', format))),
    ingest('source with a name', from('in/lf.txt', ...STRING, '--with-filename')),
    ingest('source missing file', from('in/missing.txt', ...STRING)),
    ingest('source directory', from('in', ...STRING)),
    ingest('source without configuration', ['-s', 'file-source', ...STRING]),
    ingest('source output is input', from('in/lf.txt', ...STRING, '-o', 'in/lf.txt')),
    ingest('source that fails', [
      ...['-s', 'plugins/selftest-source.wasm', '--source-config', 'acts=panic|no', ...STRING, '--max-restarts', '2'],
    ]),
  ];
}

function refusedCases() {
  const refused = (name, ...args) => ingest(`refused ${name}`, args);
  return [
    refused('nothing to read'),
    refused('missing file', 'in/missing.txt', ...STRING),
    refused('missing plugin', 'in/lf.txt', '-p', 'no-such-parser'),
    refused('similar plugin', 'in/lf.txt', '-p', 'string-parsr'),
    refused('missing binary', 'in/lf.txt', '-p', 'plugins/missing.wasm'),
    refused('no component', 'in/lf.txt', '-p', 'in/no-plugin.wasm'),
    refused('module', 'in/lf.txt', '-p', 'in/empty-module.wasm'),
    refused('source as parser', 'in/lf.txt', '-p', 'plugins/file-source.wasm'),
    refused('parser as source', '-s', 'plugins/lines.wasm', ...STRING),
    refused('unknown option', 'in/lf.txt', '--no-such-option'),
    refused('unknown format', 'in/lf.txt', '-f', 'xml'),
    refused('format of the environment', 'in/lf.txt', '-f', ''),
    refused('unknown config', 'in/lf.txt', ...STRING, '-c', 'no-such=1'),
    refused('config of a wrong type', 'in/lf.txt', ...STRING, '-c', 'lossy=perhaps'),
    refused('config of no choice', 'in/lf.txt', ...STRING, '-c', 'encoding=ebcdic'),
    refused('config without a value', 'in/lf.txt', ...STRING, '-c', 'lossy'),
    refused('config file', 'in/lf.txt', ...STRING, '--config-file', 'in/wrong-config.json'),
    refused('config file toml', 'in/lf.txt', ...STRING, '--config-file', 'in/broken.toml'),
    refused('config file missing', 'in/lf.txt', ...STRING, '--config-file', 'in/missing.json'),
    refused('profile', 'in/lf.txt', ...STRING, '--profile', 'no-such'),
    refused('file and source', 'in/lf.txt', '-s', 'file-source'),
    refused('standard input twice', '-', '-', ...STRING),
    refused('follow without a source', 'in/lf.txt', '--follow'),
    refused('source config without a source', 'in/lf.txt', '--source-config', 'a=b'),
    refused('deadline', 'in/lf.txt', '--deadline', 'soon'),
    refused('deadline of nothing', 'in/lf.txt', '--deadline', '0'),
    refused('parallel', 'in/lf.txt', '--parallel', '0'),
    refused('memory', 'in/lf.txt', '--memory', '5000'),
    refused('share', 'in/lf.txt', '--fail-on-skip=200%'),
    refused('environment', 'in/lf.txt', '--env', 'GOLDEN_NOT_SET'),
    refused('quiet and verbose', 'in/lf.txt', '-q', '-v'),
    refused('output in a folder that is not there', 'in/lf.txt', ...STRING, '-o', 'nowhere/items.txt'),
    refused('memory too small', 'in/lf.txt', '-p', 'plugins/json-lines.wasm', '--memory', '1'),
    { name: 'refused unknown command', args: ['digest'] },
  ];
}

function pluginsCases() {
  const plugins = (name, ...args) => ({
    name: `plugins ${name}`,
    args: ['plugins', ...args, '--plugins-dir', 'home/p'],
  });
  const shown = ['lines', 'records', 'csv', 'json-lines', 'file-source', 'selftest'];
  return [
    plugins('list shipped', 'list'),
    plugins('list shipped json', 'list', '--json'),
    plugins('doctor shipped', 'doctor'),
    plugins('show string-parser', 'show', 'string-parser'),
    plugins('show string-parser json', 'show', 'string-parser', '--json'),
    plugins('show file-source', 'show', 'file-source'),
    plugins('show unknown', 'show', 'strong-parser'),
    ...shown.map((name) => plugins(`show ${name}.wasm`, 'show', `plugins/${name}.wasm`)),
    plugins('show file json', 'show', 'plugins/lines.wasm', '--json'),
    plugins('show no plugin', 'show', 'in/no-plugin.wasm'),
    plugins('add', 'add', 'plugins/lines.wasm'),
    plugins('add json', 'add', 'plugins/csv.wasm', '--json'),
    plugins('add again', 'add', 'plugins/lines.wasm'),
    plugins('add replace', 'add', 'plugins/lines.wasm', '--replace'),
    plugins('add no plugin', 'add', 'in/no-plugin.wasm'),
    plugins('add missing', 'add', 'in/missing.wasm'),
    plugins('list', 'list'),
    plugins('list json', 'list', '--json'),
    plugins('list parsers', 'list', '--kind', 'bytesource'),
    plugins('show installed', 'show', 'lines'),
    plugins('update', 'update', 'plugins/lines.wasm'),
    plugins('update unknown', 'update', 'plugins/records.wasm'),
    plugins('disable', 'disable', 'csv'),
    plugins('disabled list', 'list'),
    { name: 'plugins disabled ingest', args: ['ingest', 'in/lf.txt', '-p', 'csv', '--plugins-dir', 'home/p'] },
    plugins('disabled show', 'show', 'csv'),
    plugins('enable', 'enable', 'csv'),
    plugins('pin', 'pin', 'csv'),
    plugins('pin wrong', 'pin', 'lines', '0'.repeat(64)),
    plugins('pinned list', 'list'),
    plugins('pinned doctor', 'doctor'),
    plugins('pinned doctor json', 'doctor', '--json', '--strict'),
    { name: 'plugins pinned ingest', args: ['ingest', 'in/lf.txt', '-p', 'lines', '--plugins-dir', 'home/p'] },
    plugins('pin accept', 'pin', 'lines', '--accept'),
    plugins('pin remove', 'pin', 'lines', '--remove', '--json'),
    plugins('config defaults', 'config', 'lines'),
    plugins('config json', 'config', 'string-parser', 'lossy=true', '--json'),
    plugins('config schema', 'config', 'lines', '--schema'),
    plugins('config file', 'config', 'string-parser', '--file', 'in/config.toml'),
    plugins('config wrong', 'config', 'string-parser', 'lossy=perhaps', 'no-such=1'),
    plugins('config save', 'config', 'string-parser', 'prefix=> ', 'columns=true', '--save', 'bench'),
    plugins('config profiles', 'config', 'string-parser', '--profiles'),
    plugins('config profile', 'config', 'string-parser', '--profile', 'bench'),
    {
      name: 'plugins profile ingest',
      args: ['ingest', 'in/lf.txt', ...STRING, '--profile', 'bench', '--plugins-dir', 'home/p'],
    },
    plugins('config delete', 'config', 'string-parser', '--delete', 'bench', '--yes'),
    plugins('config delete again', 'config', 'string-parser', '--delete', 'bench', '--yes'),
    plugins('logs', 'logs', 'lines'),
    plugins('logs reload', 'logs', 'lines', '--reload'),
    plugins('reload', 'reload'),
    plugins('remove', 'remove', 'csv', '--yes'),
    plugins('remove again', 'remove', 'csv', '--yes'),
    plugins('rollback none', 'rollback', 'csv', '--yes'),
    plugins('doctor', 'doctor'),
    { name: 'plugins several parsers', args: ['ingest', 'in/lf.txt', '--plugins-dir', 'home/p'] },
    { name: 'plugins unknown command', args: ['plugins', 'polish'] },
  ];
}
