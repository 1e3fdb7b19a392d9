/**
 * Transpiled components on disk: one folder for each content hash and toolchain. Glue is code that the host will run, so
 * folders are created for their owner only, one that others can write to is never read, and what was read must have
 * the hashes that were noted when it was written. Any damage costs time, never more.
 */
import { createHash, randomUUID } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARTEFACT_FORMAT, artefactFolder } from '../../shared/component/artefact-name.js';
import { makeFolderSync } from '../../shared/system/make-folder.js';
import type { Transpiled } from './transpile.js';

const MANIFEST = 'manifest.json';
const GLUE = 'component.js';
/** As the transpiler names them: no separators, and not `..`. */
const FILE_NAME = /^\w[\w-]*(?:\.[\w-]+)*$/;
const STAGING_PREFIX = '.staging-';

interface Manifest {
  readonly format: number;
  readonly toolchain: string;
  /** SHA-256 by file name. */
  readonly files: Readonly<Record<string, string>>;
}

export class ArtefactCache {
  readonly #directory: string;
  readonly #toolchain: string;

  constructor(directory: string, toolchain: string) {
    this.#directory = directory;
    this.#toolchain = toolchain;
  }

  /** What was kept for a component, or undefined; `warnings` says why, unless there simply was nothing. */
  read(hash: string, warnings: string[]): Transpiled | undefined {
    const folder = this.#folder(hash);
    try {
      requireOwned(this.#directory);
      requireOwned(folder);
      const manifest = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')) as Manifest;
      if (manifest.format !== ARTEFACT_FORMAT || manifest.toolchain !== this.#toolchain)
        throw new Error('it is of another version');
      const coreModules = new Map<string, Uint8Array>();
      let glue: string | undefined;
      for (const [name, expected] of Object.entries(manifest.files)) {
        if (!FILE_NAME.test(name)) throw new Error('its manifest names a file outside of it');
        if (lstatSync(join(folder, name)).isFile() === false) throw new Error(`${name} is not a file`);
        const content = readFileSync(join(folder, name));
        if (sha256(content) !== expected) throw new Error(`${name} was changed since it was written`);
        if (name === GLUE) glue = content.toString('utf8');
        else coreModules.set(name, content);
      }
      if (glue === undefined) throw new Error('it holds no bindings');
      return { glue, coreModules };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        warnings.push(`The cached component in ${folder} is not used: ${(error as Error).message}`);
      return undefined;
    }
  }

  /** Keeps a transpiled component. What cannot be written is a warning. */
  write(hash: string, { glue, coreModules }: Transpiled, warnings: string[]): void {
    const staging = join(this.#directory, `${STAGING_PREFIX}${randomUUID()}`);
    try {
      makeFolderSync(this.#directory, 0o700);
      requireOwned(this.#directory);
      mkdirSync(staging, { mode: 0o700 });
      const files: Record<string, string> = {};
      for (const [name, content] of [[GLUE, Buffer.from(glue)] as const, ...coreModules]) {
        if (!FILE_NAME.test(name)) throw new Error(`'${name}' is not a valid file name`);
        writeFileSync(join(staging, name), content, { mode: 0o600 });
        files[name] = sha256(content);
      }
      const manifest: Manifest = { format: ARTEFACT_FORMAT, toolchain: this.#toolchain, files };
      writeFileSync(join(staging, MANIFEST), JSON.stringify(manifest), { mode: 0o600 });
      const folder = this.#folder(hash);
      rmSync(folder, { recursive: true, force: true });
      renameSync(staging, folder);
    } catch (error) {
      removeIfThere(staging);
      // Another process that put the same component there first has done the work.
      if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? ''))
        warnings.push(`The compiled component cannot be kept in ${this.#directory}: ${(error as Error).message}`);
    }
  }

  /** Removes what killed processes left half written, when it is older than `ageMs`. */
  sweep(ageMs: number): void {
    try {
      for (const name of readdirSync(this.#directory)) {
        if (!name.startsWith(STAGING_PREFIX)) continue;
        const path = join(this.#directory, name);
        if (Date.now() - lstatSync(path).mtimeMs > ageMs) rmSync(path, { recursive: true, force: true });
      }
    } catch {
      // A folder that is not there, or cannot be read, has nothing to remove.
    }
  }

  #folder(hash: string): string {
    return join(this.#directory, artefactFolder(hash, this.#toolchain));
  }
}

function removeIfThere(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // What cannot be removed now is swept up later.
  }
}

function requireOwned(path: string): void {
  const status = lstatSync(path);
  if (!status.isDirectory()) throw new Error(`${path} is not a directory`);
  if (process.getuid === undefined) return;
  if (status.uid !== process.getuid()) throw new Error(`${path} belongs to another user`);
  if ((status.mode & 0o022) !== 0) throw new Error(`other users may write to ${path}; remove that right (chmod go-w)`);
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
