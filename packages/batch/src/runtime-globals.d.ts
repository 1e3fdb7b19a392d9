/**
 * What this package uses of the runtime beyond the language: every browser, Node.js and Deno have it. Declared here, since neither the
 * declarations of Node.js nor those of the DOM belong to all of them.
 */
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes: Uint8Array): string;
}

declare class TextEncoder {
  encode(text: string): Uint8Array;
}
