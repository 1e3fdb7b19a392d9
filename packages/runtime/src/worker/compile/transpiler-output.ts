/** Takes what the transpiler, a Rust program, prints: when it panics, it says where and why. */

const MAX_CHARACTERS = 8_192;
const SUCCESS = 0;
/** `thread '<unnamed>' (1) panicked at crates/a/src/b.rs:1:2:` and the message in the next line. */
const PANIC = /panicked at (?:.*\/)?([^/\n]+\.rs:\d+):\d+:\n([^\n]*)/;

export class TranspilerOutput {
  memory: WebAssembly.Memory | undefined;
  #text = '';

  /** `fd_write` of WASI preview 1: pairs of pointer and length at `list`. */
  readonly write = (_descriptor: number, list: number, count: number, written: number): number => {
    if (this.memory === undefined) return SUCCESS;
    const { buffer } = this.memory;
    const view = new DataView(buffer);
    let bytes = 0;
    for (let at = list; at < list + count * 8; at += 8) {
      const length = view.getUint32(at + 4, true);
      if (this.#text.length < MAX_CHARACTERS)
        this.#text += Buffer.from(buffer, view.getUint32(at, true), Math.min(length, MAX_CHARACTERS)).toString('utf8');
      bytes += length;
    }
    view.setUint32(written, bytes, true);
    return SUCCESS;
  };

  clear(): void {
    this.#text = '';
  }

  /** Where in its source it panicked, and what it said; undefined when it did not. */
  panic(): { readonly place: string; readonly message: string } | undefined {
    const [, place, message] = PANIC.exec(this.#text) ?? [];
    return place === undefined || message === undefined ? undefined : { place, message: message.slice(0, 200) };
  }
}
