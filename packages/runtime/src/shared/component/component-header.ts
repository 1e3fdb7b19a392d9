/** Tells a component by its first bytes, so that what is none is refused before anything else is done with it. */
import { PluginInvalidError } from '../errors.js';

const WASM_MAGIC = [0x00, 0x61, 0x73, 0x6d];
const MODULE_LAYER = [0x01, 0x00, 0x00, 0x00];
/** Version 13 of the binary format, layer 1. */
const COMPONENT_LAYER = [0x0d, 0x00, 0x01, 0x00];

export const COMPONENT_HEADER: readonly number[] = [...WASM_MAGIC, ...COMPONENT_LAYER];

/** @throws PluginInvalidError when the bytes are no component, saying what they are. */
export function requireComponent(bytes: Uint8Array): void {
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
