/** A small file system of its own for one command, in a name space that only this command sees. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Outcome, outcome, PROGRAM, type Stage } from './support.js';

/** Mounts, fills up what is not to be free, runs the command there, and copies what it has left. */
const SCRIPT = `
mount -t tmpfs -o size="$1" tmpfs "$2" || exit 99
cd "$2" || exit 99
[ "$3" = full ] && dd if=/dev/zero of=fill bs=4096 status=none 2>/dev/null
keep="$4"; output="$5"; shift 5
"$@" > "$output"
code=$?
rm -f fill
cp -a . "$keep"
exit $code`;

/** Why tests on such a file system have to be skipped here; undefined when they need not be. */
export function whyNoMounts(): string | undefined {
  if (process.platform !== 'linux') return 'file systems are mounted only on Linux';
  const { error, status, stderr } = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], {
    encoding: 'utf8',
  });
  return status === 0 ? undefined : `no file system can be mounted: ${error?.message ?? stderr.trim()}`;
}

export interface DiskOptions {
  /** As mount takes it, such as `1m`. */
  readonly size: string;
  /** Whether there is no room at all from the start. */
  readonly full?: boolean;
  /** Where standard output goes. Default: a file `stdout` on the disk. */
  readonly stdout?: string;
}

/** Runs a command in a small file system as its working directory. @returns also where the files of the disk are afterwards */
export async function runOnDisk(
  stage: Stage,
  { size, full = false, stdout = 'stdout' }: DiskOptions,
  ...args: readonly string[]
): Promise<Outcome & { readonly files: string }> {
  const name = `disk-${++count}`;
  const [mount, files] = [join(stage.directory, `${name}-mount`), join(stage.directory, name)];
  await mkdir(mount);
  await mkdir(files);
  const child = spawn(
    'unshare',
    [
      '-rm',
      'sh',
      '-c',
      SCRIPT,
      'sh',
      size,
      mount,
      full ? 'full' : 'free',
      files,
      stdout,
      process.execPath,
      PROGRAM,
      ...args,
    ],
    { env: stage.env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  return { ...(await outcome(child)), files };
}

let count = 0;
