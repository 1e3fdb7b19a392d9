/** Emits components byte by byte, as no tool would. Format: https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md */

const COMPONENT_HEADER = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];
const MODULE_HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

export function component(...sections: Uint8Array[]): Uint8Array {
  return Buffer.concat([Buffer.from(COMPONENT_HEADER), ...sections]);
}

export function coreModule(...sections: Uint8Array[]): Uint8Array {
  return Buffer.concat([Buffer.from(MODULE_HEADER), ...sections]);
}

export function section(id: number, content: Uint8Array | readonly number[]): Uint8Array {
  return Buffer.concat([Buffer.from([id, ...leb128(content.length)]), Buffer.from(content)]);
}

/** A section that is a list of `count` equal entries. */
export function listSection(id: number, count: number, entry: readonly number[]): Uint8Array {
  return section(id, list(count, entry));
}

export function list(count: number, entry: readonly number[]): Uint8Array {
  return Buffer.concat([Buffer.from(leb128(count)), Buffer.alloc(count * entry.length, Buffer.from(entry))]);
}

export function leb128(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb128(value >>> 7)];
}
