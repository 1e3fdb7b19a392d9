/** Numbers that a module of wasm exports. */

/** An i32, which is signed in JavaScript, as the number without a sign that it stands for. */
export function u32(global: WebAssembly.Global): number {
  return (global.value as number) >>> 0;
}
