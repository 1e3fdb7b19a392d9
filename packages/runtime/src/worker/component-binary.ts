/**
 * Reads from a component's binary what neither its core modules nor jco's output tell: its imports and exports in full,
 * and how each exported function is lifted (string encoding, memory, realloc, post-return).
 * Format: https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md
 */
import type { DirectExport } from '../shared/component.js';
import { PluginInvalidError } from '../shared/errors.js';
import { ByteCursor } from './byte-cursor.js';

const WASM_MAGIC = [0x00, 0x61, 0x73, 0x6d];
const MODULE_LAYER = [0x01, 0x00, 0x00, 0x00];
/** Version 13 of the binary format, layer 1: a component. */
const COMPONENT_LAYER = [0x0d, 0x00, 0x01, 0x00];

const Section = { alias: 6, canon: 8, import: 10, export: 11 } as const;
const Sort = { core: 0x00 } as const;
const CoreSort = { function: 0x00, memory: 0x02 } as const;
const AliasTarget = { export: 0x00, coreExport: 0x01, outer: 0x02 } as const;
const Canon = { lift: 0x00, lower: 0x01, resourceNew: 0x02, resourceDrop: 0x03, resourceRep: 0x04 } as const;
const CanonOption = { utf8: 0x00, utf16: 0x01, latin1: 0x02, memory: 0x03, realloc: 0x04, postReturn: 0x05 } as const;

export interface ComponentOutline {
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  readonly direct: ReadonlyMap<string, DirectExport>;
}

/** @throws PluginInvalidError when the bytes are no component, saying what they are. */
export function readComponent(bytes: Uint8Array): ComponentOutline {
  requireComponent(bytes);
  const imports: string[] = [];
  const exports: string[] = [];
  const spaces: CoreSpaces = { functions: [], memories: [] };
  const lifts: Lift[] = [];
  let understood = true;

  const cursor = new ByteCursor(bytes, 8);
  while (!cursor.done) {
    const id = cursor.byte();
    const section = cursor.part(cursor.u32());
    if (id === Section.import) imports.push(firstName(section));
    else if (id === Section.export) exports.push(firstName(section));
    else if (id === Section.alias && understood) understood = readAliases(section, spaces);
    else if (id === Section.canon && understood) understood = readCanons(section, spaces, lifts);
  }
  return { imports, exports, direct: understood ? directExports(lifts, spaces) : new Map() };
}

function requireComponent(bytes: Uint8Array): void {
  const startsWith = (at: number, expected: readonly number[]) => expected.every((byte, i) => bytes[at + i] === byte);
  if (bytes.length === 0) throw new PluginInvalidError('The file is empty; expected a WebAssembly component.');
  if (!startsWith(0, WASM_MAGIC))
    throw new PluginInvalidError('This is not WebAssembly: it does not begin with \\0asm. Expected a component.');
  if (startsWith(4, MODULE_LAYER))
    throw new PluginInvalidError('This is a core WebAssembly module; expected a component.', {
      help: 'Make a component of it, for example with `wasm-tools component new` or `chipmunk-plugin build`.',
    });
  if (!startsWith(4, COMPONENT_LAYER))
    throw new PluginInvalidError(
      `The binary is of an unknown version of WebAssembly (bytes 4 to 7: ${Buffer.from(bytes.subarray(4, 8)).toString('hex')}); expected a component.`,
    );
}

/** wit-component writes one section an import or export; where a section has more, only type checking would tell them apart. */
function firstName(section: ByteCursor): string {
  section.u32();
  section.byte();
  return section.name();
}

interface CoreAlias {
  readonly instance: number;
  readonly name: string;
}

/** The core index spaces of the component; undefined where an entry is not an alias of a core export. */
interface CoreSpaces {
  readonly functions: (CoreAlias | undefined)[];
  readonly memories: (CoreAlias | undefined)[];
}

interface Lift {
  readonly function: number;
  readonly encoding: number;
  readonly memory: number | undefined;
  readonly realloc: number | undefined;
  readonly postReturn: number | undefined;
}

function readAliases(section: ByteCursor, spaces: CoreSpaces): boolean {
  for (let left = section.u32(); left > 0; left--) {
    const sort = section.byte();
    const coreSort = sort === Sort.core ? section.byte() : undefined;
    const target = section.byte();
    const index = section.u32();
    if (target === AliasTarget.outer) {
      section.u32();
    } else if (target === AliasTarget.export || target === AliasTarget.coreExport) {
      const alias = { instance: index, name: section.name() };
      if (coreSort === CoreSort.function) spaces.functions.push(alias);
      if (coreSort === CoreSort.memory) spaces.memories.push(alias);
    } else {
      return false;
    }
  }
  return true;
}

function readCanons(section: ByteCursor, spaces: CoreSpaces, lifts: Lift[]): boolean {
  for (let left = section.u32(); left > 0; left--) {
    const kind = section.byte();
    if (kind === Canon.lift || kind === Canon.lower) {
      if (section.byte() !== 0) return false;
      const target = section.u32();
      const options = readCanonOptions(section);
      if (options === undefined) return false;
      if (kind === Canon.lower) {
        spaces.functions.push(undefined);
      } else {
        section.u32();
        lifts.push({ function: target, ...options });
      }
    } else if (kind === Canon.resourceNew || kind === Canon.resourceDrop || kind === Canon.resourceRep) {
      section.u32();
      spaces.functions.push(undefined);
    } else {
      return false;
    }
  }
  return true;
}

function readCanonOptions(section: ByteCursor): Omit<Lift, 'function'> | undefined {
  let encoding: number = CanonOption.utf8;
  let memory: number | undefined;
  let realloc: number | undefined;
  let postReturn: number | undefined;
  for (let left = section.u32(); left > 0; left--) {
    const option = section.byte();
    if (option === CanonOption.utf8 || option === CanonOption.utf16 || option === CanonOption.latin1) encoding = option;
    else if (option === CanonOption.memory) memory = section.u32();
    else if (option === CanonOption.realloc) realloc = section.u32();
    else if (option === CanonOption.postReturn) postReturn = section.u32();
    else return undefined;
  }
  return { encoding, memory, realloc, postReturn };
}

function directExports(lifts: readonly Lift[], spaces: CoreSpaces): Map<string, DirectExport> {
  const direct = new Map<string, DirectExport>();
  for (const lift of lifts) {
    const callee = spaces.functions[lift.function];
    const memory = lift.memory === undefined ? undefined : spaces.memories[lift.memory];
    const realloc = lift.realloc === undefined ? undefined : spaces.functions[lift.realloc];
    const postReturn = lift.postReturn === undefined ? undefined : spaces.functions[lift.postReturn];
    if (callee === undefined || memory === undefined || realloc === undefined) continue;
    if (lift.encoding !== CanonOption.utf8) continue;
    if (lift.postReturn !== undefined && postReturn === undefined) continue;
    if ([memory, realloc, postReturn].some((part) => part !== undefined && part.instance !== callee.instance)) continue;
    // Both conventions of the component tools: `interface#name`, and the newer `cm32p2|interface|name`.
    const name = callee.name.split(/[#|]/).at(-1) ?? callee.name;
    direct.set(name, {
      coreFunction: callee.name,
      memory: memory.name,
      realloc: realloc.name,
      postReturn: postReturn?.name,
    });
  }
  return direct;
}
