/** What the manager's tests share: a directory of their own, and binaries that are no plugins. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IngestSession } from '@chipmunk-host/manager';
import { afterAll, beforeAll } from 'vitest';

export const STRING_PARSER = createRequire(import.meta.url).resolve('@chipmunk-host/string-parser/string-parser.wasm');

export const CORE_MODULE = Buffer.from([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);

/**
 * (component
 *   (core module $m (func (export "run") (result i32) i32.const 7))
 *   (core instance $i (instantiate $m))
 *   (func $f (result u32) (canon lift (core func $i "run")))
 *   (export "run" (func $f)))
 */
export const OTHER_COMPONENT = Buffer.from(
  'AGFzbQ0AAQABLwBhc20BAAAAAQUBYAABfwMCAQAHBwEDcnVuAAAKBgEEAEEHCwAJBG5hbWUAAgFtAgQBAAAABwUBQAAAeQYJAQAAAQADcnVuCAYBAA' +
    'AAAAALCQEAA3J1bgEAAAAmDmNvbXBvbmVudC1uYW1lAQYAEQEAAW0BBgASAQABaQEFAQEAAWY=',
  'base64',
);

export interface Stage {
  /** Empty at first, and removed at the end. */
  directory: string;
  /** Makes a directory in it. */
  folder(...names: string[]): Promise<string>;
  file(name: string, content: Uint8Array | string): Promise<string>;
}

export function setStage(): Stage {
  const stage = {} as Stage;
  beforeAll(async () => {
    stage.directory = await mkdtemp(join(tmpdir(), 'manager-test-'));
    stage.folder = async (...names) => {
      const path = join(stage.directory, ...names);
      await mkdir(path, { recursive: true });
      return path;
    };
    stage.file = async (name, content) => {
      const path = join(stage.directory, name);
      await writeFile(path, content);
      return path;
    };
  });
  afterAll(() => rm(stage.directory, { recursive: true, force: true }));
  return stage;
}

/** Puts a plugin into a plugins directory. */
export async function install(
  plugins: string,
  name: string,
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<string> {
  const directory = join(plugins, 'parsers', name);
  await mkdir(directory, { recursive: true });
  for (const [file, content] of Object.entries(files)) await writeFile(join(directory, file), content);
  return directory;
}

export async function texts(session: IngestSession): Promise<string[]> {
  const all: string[] = [];
  for await (const batch of session.batches()) for (const item of batch) all.push(item.text);
  return all;
}
