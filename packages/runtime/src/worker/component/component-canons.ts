/**
 * Reads the section in which a component says how its functions are lifted and lowered: with which memory, allocator and encoding.
 * Format: https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md#canonical-definitions
 */
import { PluginInvalidError } from '../../shared/errors.js';
import type { ByteCursor } from './byte-cursor.js';
import { notUnderstood } from './component-types.js';

/** Indices are those of the component in whose section it stands. */
export type Canon =
  | ({ readonly kind: 'lift'; readonly coreFunction: number } & CanonOptions)
  | ({ readonly kind: 'lower'; readonly function: number } & CanonOptions)
  | { readonly kind: 'resource-new' | 'resource-drop' | 'resource-rep'; readonly type: number };

export interface CanonOptions {
  readonly isUtf8: boolean;
  readonly memory: number | undefined;
  readonly realloc: number | undefined;
  readonly postReturn: number | undefined;
}

const Kind = { lift: 0x00, lower: 0x01, resourceNew: 0x02, resourceDrop: 0x03, resourceRep: 0x04 } as const;
const Option = { utf8: 0x00, utf16: 0x01, latin1: 0x02, memory: 0x03, realloc: 0x04, postReturn: 0x05 } as const;

/** Built-in functions that none of this host's calls, which are synchronous, have a use for. */
const BUILT_INS: ReadonlyMap<number, string> = new Map([
  [0x05, 'task.cancel'],
  [0x06, 'subtask.cancel'],
  [0x07, 'resource.drop async'],
  [0x08, 'backpressure.set'],
  [0x09, 'task.return'],
  [0x0a, 'context.get'],
  [0x0b, 'context.set'],
  [0x0c, 'thread.yield'],
  [0x0d, 'subtask.drop'],
  [0x0e, 'stream.new'],
  [0x0f, 'stream.read'],
  [0x10, 'stream.write'],
  [0x11, 'stream.cancel-read'],
  [0x12, 'stream.cancel-write'],
  [0x13, 'stream.drop-readable'],
  [0x14, 'stream.drop-writable'],
  [0x15, 'future.new'],
  [0x16, 'future.read'],
  [0x17, 'future.write'],
  [0x18, 'future.cancel-read'],
  [0x19, 'future.cancel-write'],
  [0x1a, 'future.drop-readable'],
  [0x1b, 'future.drop-writable'],
  [0x1c, 'error-context.new'],
  [0x1d, 'error-context.debug-message'],
  [0x1e, 'error-context.drop'],
  [0x1f, 'waitable-set.new'],
  [0x20, 'waitable-set.wait'],
  [0x21, 'waitable-set.poll'],
  [0x22, 'waitable-set.drop'],
  [0x23, 'waitable.join'],
  [0x24, 'backpressure.inc'],
  [0x25, 'backpressure.dec'],
  [0x26, 'thread.index'],
  [0x27, 'thread.new-indirect'],
  [0x28, 'thread.switch-to'],
  [0x29, 'thread.suspend'],
  [0x2a, 'thread.resume-later'],
  [0x2b, 'thread.yield-to'],
  [0x40, 'thread.spawn-ref'],
  [0x41, 'thread.spawn-indirect'],
  [0x42, 'thread.available-parallelism'],
]);
const OPTIONS: ReadonlyMap<number, string> = new Map([
  [0x06, 'async'],
  [0x07, 'callback'],
  [0x08, 'core-type'],
  [0x09, 'gc'],
]);

/** @throws PluginInvalidError naming the first that is not taken. */
export function readCanon(section: ByteCursor): Canon {
  const kind = section.byte();
  if (kind === Kind.lift || kind === Kind.lower) {
    const form = section.byte();
    if (form !== 0x00) throw notUnderstood(`a function lifted or lowered in the way ${form}`);
    const index = section.u32();
    const options = readOptions(section, kind === Kind.lift ? 'lifted' : 'lowered');
    if (kind === Kind.lower) return { kind: 'lower', function: index, ...options };
    section.u32();
    return { kind: 'lift', coreFunction: index, ...options };
  }
  if (kind === Kind.resourceNew) return { kind: 'resource-new', type: section.u32() };
  if (kind === Kind.resourceDrop) return { kind: 'resource-drop', type: section.u32() };
  if (kind === Kind.resourceRep) return { kind: 'resource-rep', type: section.u32() };
  const name = BUILT_INS.get(kind);
  if (name === undefined) throw notUnderstood(`a canonical definition of kind 0x${kind.toString(16)}`);
  throw asynchronous(`the built-in function ${name}`);
}

function readOptions(section: ByteCursor, how: string): CanonOptions {
  let isUtf8 = true;
  let memory: number | undefined;
  let realloc: number | undefined;
  let postReturn: number | undefined;
  for (let left = section.count(); left > 0; left--) {
    const option = section.byte();
    if (option === Option.latin1)
      throw new PluginInvalidError("The component's strings are latin1+utf16, for which no bindings can be made.", {
        help: 'Build the plugin with strings that are UTF-8, or UTF-16.',
      });
    if (option === Option.utf8 || option === Option.utf16) isUtf8 = option === Option.utf8;
    else if (option === Option.memory) memory = section.u32();
    else if (option === Option.realloc) realloc = section.u32();
    else if (option === Option.postReturn) postReturn = section.u32();
    else {
      const name = OPTIONS.get(option);
      if (name === undefined) throw notUnderstood(`a function that is ${how} with option 0x${option.toString(16)}`);
      throw asynchronous(`a function that is ${how} with the option ${name}`);
    }
  }
  return { isUtf8, memory, realloc, postReturn };
}

function asynchronous(what: string): PluginInvalidError {
  return new PluginInvalidError(
    `The component uses ${what} (in its section of canonical definitions), which belongs to asynchronous components; this host calls plugins synchronously.`,
    { help: "Build the plugin without the component model's asynchronous functions, streams, futures and threads." },
  );
}
