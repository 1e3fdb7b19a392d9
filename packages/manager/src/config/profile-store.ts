/**
 * Named configurations of plugins, one file each:
 *
 *   <plugins directory>/.chipmunk-host/profiles/{parsers,bytesources}/<plugin>/<profile>.json
 *
 * A file is written whole or not at all. A damaged file is reported and does not affect others.
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConfigInput } from '@chipmunk-host/hosts';
import { HostError } from '@chipmunk-host/runtime';
import { nearestName, option, requireOption } from '@chipmunk-host/runtime/internal/options';
import { isObject } from '../shared/json-shape.js';
import { describeKind, KIND_FOLDERS, type PluginId } from '../shared/plugin-id.js';
import type { DirectoryFiles } from '../store/directory-files.js';
import { inputToJson } from './config-json.js';

/** Of the files; one with a higher number was written by a newer version of this package. */
const FORMAT = 1;
/** With its ending a name must be a file's name everywhere. */
const MAX_NAME_BYTES = 100;
const ENDING = '.json';

export type ProfileValues = Readonly<Record<string, ConfigInput>>;

export interface ProfileStoreOptions {
  /** Told of profiles that cannot be read. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** The plugins directory's. */
  readonly files: DirectoryFiles;
}

export class ProfileStore {
  readonly #directory: string;
  readonly #options: ProfileStoreOptions;

  /** @param directory made when the first profile is saved */
  constructor(directory: string, options: ProfileStoreOptions) {
    this.#directory = directory;
    this.#options = options;
  }

  /** Names of a plugin's profiles, sorted. Damaged ones are left out, with a warning. */
  async list(owner: PluginId): Promise<readonly string[]> {
    const names: string[] = [];
    for (const name of await this.#names(owner)) {
      try {
        await this.get(owner, name);
        names.push(name);
      } catch (error) {
        this.#options.onWarning?.(`${(error as HostError).message} ${(error as HostError).help ?? ''}`.trimEnd());
      }
    }
    return names;
  }

  /** @throws HostError `ERR_PROFILE` when there is none of that name, or it is damaged. */
  async get(owner: PluginId, name: string): Promise<ProfileValues> {
    const path = this.#path(owner, name);
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') throw await this.#unknown(owner, name);
      throw damaged(path, `it cannot be read: ${(cause as Error).message}`, cause);
    }
    return parseProfile(text, path, owner);
  }

  /**
   * Keeps values under a name, in place of those that were there.
   * @throws HostError `ERR_PROFILE` when the name is unsafe, or the profile cannot be written.
   */
  async save(owner: PluginId, name: string, values: ProfileValues): Promise<void> {
    const path = this.#path(owner, name);
    const { kind, name: plugin } = owner;
    const text = JSON.stringify({ format: FORMAT, kind, plugin, values: inputToJson(values) }, undefined, 2);
    await this.#options.files.withLock(async () => {
      try {
        await this.#options.files.replace(path, `${text}\n`);
      } catch (cause) {
        const message = `The profile '${name}' cannot be saved: ${(cause as Error).message}`;
        throw new HostError('ERR_PROFILE', message, { cause, help: `Check the rights to ${this.#directory}.` });
      }
    });
  }

  /** @throws HostError `ERR_PROFILE` when there is none of that name. A damaged one can be deleted. */
  async delete(owner: PluginId, name: string): Promise<void> {
    const path = this.#path(owner, name);
    await this.#options.files.withLock(async () => {
      try {
        await rm(path);
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') throw await this.#unknown(owner, name);
        throw damaged(path, `it cannot be deleted: ${(cause as Error).message}`, cause);
      }
    });
  }

  async #names(owner: PluginId): Promise<string[]> {
    const files = await readdir(this.#folder(owner)).catch(() => [] as string[]);
    return files
      .filter((file) => file.endsWith(ENDING) && !file.startsWith('.'))
      .map((file) => file.slice(0, -ENDING.length))
      .sort();
  }

  #folder({ kind, name }: PluginId): string {
    return join(this.#directory, KIND_FOLDERS[kind], name);
  }

  /** @throws HostError `ERR_PROFILE` when the name is unsafe. */
  #path(owner: PluginId, name: string): string {
    return join(this.#folder(owner), `${safeName(name)}${ENDING}`);
  }

  async #unknown(owner: PluginId, name: string): Promise<HostError> {
    const known = await this.#names(owner);
    const nearest = nearestName(name, known);
    const message = [
      `The ${describeKind(owner.kind)} plugin '${owner.name}' has no profile '${name}'.`,
      nearest === undefined ? '' : ` Did you mean '${nearest}'?`,
      known.length === 0 ? ' None is saved.' : ` Known are: ${known.join(', ')}.`,
    ].join('');
    return new HostError('ERR_PROFILE', message, { help: 'Use a name from the list, or save one of that name.' });
  }
}

/** The name as files get it. @throws HostError `ERR_PROFILE` when it could be anything but the name of a file */
function safeName(name: string): string {
  requireOption(option.required(option.text), name, 'profile');
  const normal = name.normalize('NFC');
  // Device names of Windows are names of files nowhere, so that a directory may be carried there.
  const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(normal);
  const safe = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N} ._-]*[\p{L}\p{M}\p{N}_-])?$/u.test(normal);
  if (safe && !reserved && Buffer.byteLength(normal) <= MAX_NAME_BYTES) return normal;
  throw new HostError('ERR_PROFILE', `${JSON.stringify(name.slice(0, 200))} cannot be the name of a profile.`, {
    help: `Use letters, digits, spaces, '.', '_' and '-', beginning with a letter or a digit, of at most ${MAX_NAME_BYTES} bytes.`,
  });
}

/** @throws HostError `ERR_PROFILE` when it is not what `save` writes. */
function parseProfile(text: string, path: string, owner: PluginId): ProfileValues {
  let profile: unknown;
  try {
    profile = JSON.parse(text);
  } catch (cause) {
    throw damaged(path, `it is not JSON: ${(cause as Error).message}`, cause);
  }
  if (!isObject(profile)) throw damaged(path, 'it is not an object');
  const { format, kind, plugin, values } = profile;
  if (typeof format === 'number' && format > FORMAT)
    throw damaged(path, `it has format ${format}, which a newer version of this host wrote; this one knows ${FORMAT}`);
  if (format !== FORMAT) throw damaged(path, `its format should be ${FORMAT}`);
  if (kind !== owner.kind || plugin !== owner.name) throw damaged(path, 'it is for another plugin');
  if (!isObject(values)) throw damaged(path, "'values' should be an object");
  // Whether the values fit is for the plugin's schemas to say.
  return values as ProfileValues;
}

function damaged(path: string, what: string, cause?: unknown): HostError {
  return new HostError('ERR_PROFILE', `The profile ${path} cannot be used: ${what}.`, {
    cause,
    help: 'Save it again, or delete it.',
  });
}
