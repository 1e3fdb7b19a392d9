/**
 * Rewrites the export section of a core module: AssemblyScript can only export identifiers, and components need names such
 * as `chipmunk:parser/parser@0.1.0#parse`.
 */
import { BuildError } from './build-error.js';

const EXPORT_SECTION = 7;
const IMPORT_SECTION = 2;
const FUNCTION = 0;

interface CoreExport {
  readonly name: string;
  readonly kind: number;
  readonly index: number;
}

/** New names by old name. An export without an entry is dropped; one with several is exported under each of them. */
export type ExportNames = ReadonlyMap<string, readonly string[]>;

/**
 * Returns the module with its exports renamed.
 *
 * @throws {BuildError} when the module lacks an export that `names` has, or two exports would have the same name
 */
export function renameExports(module: Uint8Array, names: ExportNames): Uint8Array {
  let found = false;
  const parts: Uint8Array[] = [module.subarray(0, 8)];
  for (const section of sectionsOf(module)) {
    if (section.id === EXPORT_SECTION) {
      found = true;
      parts.push(exportSection(renamed(readExports(section.content), names)));
    } else {
      parts.push(section.bytes);
    }
  }
  if (!found) throw new BuildError('build', 'the compiled module exports nothing');
  return Buffer.concat(parts);
}

function renamed(exports: readonly CoreExport[], names: ExportNames): CoreExport[] {
  const missing = new Set(names.keys());
  const taken = new Set<string>();
  const result: CoreExport[] = [];
  for (const entry of exports) {
    missing.delete(entry.name);
    for (const name of names.get(entry.name) ?? []) {
      if (taken.has(name)) throw new BuildError('build', `two exports claim the name ${name}`);
      taken.add(name);
      result.push({ ...entry, name });
    }
  }
  if (missing.size > 0)
    throw new BuildError('build', `the compiled module lacks the exports ${[...missing].join(', ')}`);
  return result;
}

interface Section {
  readonly id: number;
  readonly content: Uint8Array;
  /** The content with the section's head. */
  readonly bytes: Uint8Array;
}

function* sectionsOf(module: Uint8Array): Generator<Section> {
  const reader = new Reader(module, 8);
  while (reader.at < module.length) {
    const start = reader.at;
    const id = reader.byte();
    const content = reader.take(reader.unsigned());
    yield { id, content, bytes: module.subarray(start, reader.at) };
  }
}

function readExports(content: Uint8Array): CoreExport[] {
  const reader = new Reader(content, 0);
  const exports: CoreExport[] = [];
  for (let count = reader.unsigned(); count > 0; count--) {
    const name = Buffer.from(reader.take(reader.unsigned())).toString('utf8');
    exports.push({ name, kind: reader.byte(), index: reader.unsigned() });
  }
  return exports;
}

function exportSection(exports: readonly CoreExport[]): Uint8Array {
  const content: number[] = [...unsigned(exports.length)];
  for (const { name, kind, index } of exports) {
    const bytes = Buffer.from(name, 'utf8');
    content.push(...unsigned(bytes.length), ...bytes, kind, ...unsigned(index));
  }
  return Uint8Array.from([EXPORT_SECTION, ...unsigned(content.length), ...content]);
}

/** The functions that a module imports, as `module.name`. */
export function functionImports(module: Uint8Array): string[] {
  const imports: string[] = [];
  for (const { id, content } of sectionsOf(module)) {
    if (id !== IMPORT_SECTION) continue;
    const reader = new Reader(content, 0);
    for (let count = reader.unsigned(); count > 0; count--) {
      const from = Buffer.from(reader.take(reader.unsigned())).toString('utf8');
      const name = Buffer.from(reader.take(reader.unsigned())).toString('utf8');
      // Modules of this compiler import functions only: nothing else is understood here.
      if (reader.byte() !== FUNCTION) return imports;
      reader.unsigned();
      imports.push(`${from} ${name}`);
    }
  }
  return imports;
}

class Reader {
  at: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw new BuildError('build', 'the compiled module ends too early');
    return byte;
  }

  take(length: number): Uint8Array {
    const start = this.at;
    this.at += length;
    return this.#bytes.subarray(start, this.at);
  }

  /** A LEB128 number of at most 32 bits. */
  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }
}

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  do {
    const rest = Math.floor(value / 128);
    bytes.push((value % 128) + (rest > 0 ? 128 : 0));
    value = rest;
  } while (value > 0);
  return bytes;
}
