/** What both hosts are given: a parser, an input, and the configurations, with all files in a directory. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ConfigInput } from '@chipmunk-host/hosts';
import type { InteropCase } from '../cases.js';
import { interopPlugin } from '../plugins.js';

export type ConfigValues = Readonly<Record<string, ConfigInput>>;

export interface ComparisonCase {
  /** Unique. */
  readonly name: string;
  /** The component's path. */
  readonly parser: string;
  readonly config: ConfigValues;
  /** Path of the file that is parsed; undefined when a source is read. */
  readonly file: string | undefined;
  /** A byte-source's path, and its configuration. */
  readonly source: { readonly plugin: string; readonly config: ConfigValues } | undefined;
  /** The directory that its files are in: what results say of it is not compared. */
  readonly directory: string;
  /** What the plugins see of an environment. Default: nothing. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Bytes of the window, or of Chipmunk's buffer. Default 10 MiB. */
  readonly bufferBytes?: number;
}

const STRING_PARSER = createRequire(import.meta.url).resolve('@chipmunk-host/string-parser/string-parser.wasm');

/** The parser that is made with this project's own tools. */
export function stringParserCase(name: string, file: string, config: ConfigValues): ComparisonCase {
  return { name, parser: STRING_PARSER, config, file, source: undefined, directory: dirname(file) };
}

/** Writes the files of a case below `directory`. What a byte-source delivers is parsed by `lines`. */
export function stageCase(
  { name, plugin, input, files = {}, config }: InteropCase,
  directory: string,
  more: Pick<ComparisonCase, 'environment' | 'bufferBytes'> = {},
): ComparisonCase {
  const own = join(directory, name);
  const at = (path: string) => join(own, path);
  mkdirSync(own, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), content);
  }
  if (input === undefined) {
    const source = { plugin: interopPlugin(plugin), config: config(at) };
    return {
      name,
      parser: interopPlugin('lines'),
      config: { chatter: 'silent' },
      file: undefined,
      source,
      directory: own,
      ...more,
    };
  }
  const file = join(directory, `${name}.input`);
  writeFileSync(file, input);
  return { name, parser: interopPlugin(plugin), config: config(at), file, source: undefined, directory: own, ...more };
}
