import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildFragile } from '@chipmunk-host/test-plugins';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { callLimits, inputsOf } from '#ingest/ingest-inputs.js';
import { addVariable } from '#terminal/option-values.js';
import { runOnDisk, whyNoMounts } from './full-disk.js';
import { setStage, summaryOf } from './support.js';

const stage = setStage();
const noMounts = whyNoMounts();
beforeAll(async () => {
  await stage.file('fragile.wasm', await buildFragile());
});

const ingest = async (content: string, ...options: readonly string[]) => {
  const file = await stage.file('fragile.log', content);
  return stage.run('ingest', file, '--parser', './fragile.wasm', ...options);
};

describe('a gap', () => {
  const CONTENT = 'one\nBAD\ntwo\nB\nthree\n';

  test('is reported and is no failure', async () => {
    const { stdout, stderr, code } = await ingest(CONTENT);
    expect({ stdout: stdout.toString(), code }).toEqual({ stdout: 'one\ntwo\nthree\n', code: 0 });
    expect(stderr).toMatch(
      /^completed: 3 items from 20 bytes in .*\n {2}2 gaps, 6 bytes given up, \d+ restarts\n {2}ERR_PLUGIN_TRAP: \d+, the first: .*unreachable.*\n$/,
    );
  });

  test('is shown with its error when asked to', async () => {
    const { stderr } = await ingest(CONTENT, '--verbose');
    expect(stderr).toMatch(/^gap of 4 bytes at .*fragile.log:4: ERR_PLUGIN_TRAP: /m);
    expect(stderr).toMatch(/^gap of 2 bytes at .*fragile.log:12: ERR_PLUGIN_TRAP: /m);
  });

  test('is a failure when asked to', async () => {
    const failed = await ingest(CONTENT, '--fail-on-gap', '--summary', 'json');
    expect(failed.code).toBe(1);
    expect(summaryOf(failed)).toMatchObject({ status: 'completed', gaps: 2, gapBytes: 6 });
    expect((await ingest('one\n', '--fail-on-gap')).code).toBe(0);
  });
});

describe('quarantined input', () => {
  test('is kept in a file, and fails again in a replay', async () => {
    await ingest('one\nBAD\ntwo\n', '--quarantine', 'kept');
    const [file = ''] = await readdir(join(stage.directory, 'kept'));
    expect(file).toMatch(/fragile\.wasm-[0-9a-f]{12}-at-4\.quarantine$/);
    const again = await stage.run('replay', `kept/${file}`);
    expect(again.code).toBe(1);
    expect(again.stdout.toString()).toMatch(
      /4 bytes from byte 4 on.*\nThe plugin fails:\nerror ERR_PLUGIN_TRAP: [\s\S]*unreachable/,
    );
    const fixed = await stage.run('replay', `kept/${file}`, '--parser', 'string-parser');
    expect(fixed.code).toBe(0);
    expect(fixed.stdout.toString()).toMatch(/not the binary that failed[\s\S]*does not fail any more: 1 items/);
  });

  test.skipIf(noMounts !== undefined)(
    `that cannot be kept is in the summary and the exit code${noMounts === undefined ? '' : ` (${noMounts})`}`,
    async () => {
      const file = await stage.file('large.log', `one\nB${'x'.repeat(2_000_000)}\nBAD\ntwo\n`);
      const plugin = join(stage.directory, 'fragile.wasm');
      const args = ['ingest', file, '-p', plugin, '--quarantine', 'kept', '-f', 'none'];
      const text = await runOnDisk(stage, { size: '1m', stdout: '/dev/null' }, ...args);
      expect(text.code).toBe(1);
      expect(text.stderr).toMatch(/^completed: .*\n.*2 gaps.*\n {2}quarantine: 1 kept, 1 could not be kept: .*ENOSPC/);
      const json = await runOnDisk(stage, { size: '1m', stdout: '/dev/null' }, ...args, '--summary', 'json');
      expect(json.code).toBe(1);
      const quarantine = { kept: 1, skipped: 0, failed: 1, firstFailure: expect.stringContaining('ENOSPC') };
      expect(summaryOf(json)).toMatchObject({ status: 'completed', gaps: 2, quarantine });
      expect(await readdir(join(json.files, 'kept'))).toHaveLength(1);
      const full = await runOnDisk(stage, { size: '1m', full: true, stdout: '/dev/null' }, ...args);
      expect(full.code).toBe(1);
      expect(full.stderr).toMatch(/^error ERR_QUARANTINE: .*cannot be kept in '.*kept': ENOSPC.*\n {2}help: /);
    },
  );

  test('that is not a quarantine file is named', async () => {
    await stage.file('none.quarantine', 'text');
    const { stderr, code } = await stage.run('replay', 'none.quarantine');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error ERR_QUARANTINE: none\.quarantine: /);
  });
});

describe('a limit', () => {
  test('on restarts ends the session', async () => {
    const { stderr, code } = await ingest('one\nBAD\ntwo\n', '--max-restarts', '0');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error ERR_PLUGIN_TRAP: .*fragile.log: plugin .\/fragile.wasm: /);
  });

  test('on a call ends a plugin that does not return', async () => {
    const { stderr, code } = await ingest('one\nL\n', '--deadline', '300', '--max-restarts', '0');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error ERR_PLUGIN_TIMEOUT: .*did not return within/);
  });

  test('of none goes on as long as there is input', async () => {
    const content = `one\n${'BAD\n'.repeat(12)}two\n`;
    const limited = await ingest(content);
    expect({ code: limited.code, stdout: limited.stdout.toString() }).toEqual({ code: 1, stdout: 'one\n' });
    const none = ['--deadline', '--memory', '--max-restarts', '--max-gaps'].flatMap((option) => [option, 'none']);
    const { stdout, code } = await ingest(content, ...none);
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: 'one\ntwo\n' });
  });

  test('on memory is 512 MiB unless it is another', async () => {
    const small = await ingest('one\nM\n', '--memory', '16', '--max-restarts', '0', '--summary', 'json');
    expect(small.code).toBe(1);
    expect(summaryOf(small)).toMatchObject({ status: 'failed' });
    for (const options of [[], ['--memory', 'none']]) {
      const enough = await ingest('one\nM\n', ...options);
      expect({ stdout: enough.stdout.toString(), code: enough.code }).toEqual({ stdout: 'one\nM\n', code: 0 });
    }
  });
});

describe('an environment variable', () => {
  test('is given to both plugins, with its value here or another', () => {
    vi.stubEnv('SOME_VARIABLE', 'some=value');
    const environment = addVariable('OTHER=a=b', addVariable('SOME_VARIABLE'));
    vi.unstubAllEnvs();
    expect(environment).toEqual({ SOME_VARIABLE: 'some=value', OTHER: 'a=b' });
    const limits = {
      environment,
      deadlineMs: Number.POSITIVE_INFINITY,
      memoryBytes: 1024,
      maxRestarts: undefined,
      maxGaps: undefined,
    };
    expect(callLimits(limits)).toEqual({ grants: { environment }, deadlineMs: Number.POSITIVE_INFINITY });
    const inputs = inputsOf({ files: [], source: 'x', sourceConfig: [], limits } as never);
    expect(inputs[0]?.open()).toMatchObject({
      grants: { environment },
      deadlineMs: Number.POSITIVE_INFINITY,
      memoryBytes: 1024,
    });
  });

  test('is nothing but what the command line names, seen by the plugin itself', async () => {
    const selftest = fileURLToPath(new URL('../../../compat/components/wasm/selftest.wasm', import.meta.url));
    const file = await stage.file('acts.log', 'environment\n');
    const { stdout, code } = await stage.run(
      ...['ingest', file, '--parser', selftest, '--env', 'A=1', '--env', 'B=two words'],
    );
    expect(code).toBe(0);
    expect(stdout.toString()).toContain('A=1');
    expect(stdout.toString()).toContain('B=two words');
    expect(stdout.toString()).not.toContain('PATH=');
  });
});
