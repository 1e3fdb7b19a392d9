/**
 * The names that a core module's functions have in stacks. V8 puts them there as they are, up to 50 a stack, and the binary chooses
 * how long they are: a section with one of megabytes makes stacks that no thread's heap can hold. Such a section is left out.
 * Format: https://webassembly.github.io/spec/core/appendix/custom.html#name-section
 */
import { PluginInvalidError } from '../../shared/errors.js';
import { ByteCursor } from '../component/byte-cursor.js';
import { CoreSection, MODULE_HEADER_BYTES } from '../component/core-module.js';

const NAME_SECTION = 'name';
/** The subsections whose names are in stacks. */
const Subsection = { module: 0, functions: 1 } as const;
/** The longest that a Rust compiler was seen to make has 2 KB. */
const MAX_NAME_BYTES = 4096;

/** The module without its name sections, where they have a name that is too long or cannot be read; or as it is. */
export function withoutLongNames(module: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let copied = 0;
  const cursor = new ByteCursor(module, MODULE_HEADER_BYTES);
  while (!cursor.done) {
    const start = cursor.position;
    const id = cursor.byte();
    const section = cursor.part(cursor.u32());
    if (id !== CoreSection.custom || section.name() !== NAME_SECTION || hasShortNames(section)) continue;
    parts.push(module.subarray(copied, start));
    copied = cursor.position;
  }
  return parts.length === 0 ? module : Buffer.concat([...parts, module.subarray(copied)]);
}

function hasShortNames(section: ByteCursor): boolean {
  try {
    while (!section.done) {
      const id = section.byte();
      const names = section.part(section.u32());
      if (id === Subsection.module && names.u32() > MAX_NAME_BYTES) return false;
      if (id !== Subsection.functions) continue;
      for (let left = names.count(); left > 0; left--) {
        names.u32();
        const length = names.u32();
        if (length > MAX_NAME_BYTES) return false;
        names.part(length);
      }
    }
    return true;
  } catch (error) {
    if (error instanceof PluginInvalidError) return false;
    throw error;
  }
}
