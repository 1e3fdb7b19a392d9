/**
 * Builds a program for assembly/encoder.ts, as encoding-plan.ts wants it: steps and literals, and the frame of a line where there is one.
 * Numbers are little-endian u32.
 *
 *   | fixed | per string | growth | needs text | delimiter | frame | 0 | 0 | steps of 4 numbers | literals | frame of a line |
 *
 * A row becomes `fixed` bytes, `per string` for each of its strings, and `growth` for each byte of its text, at most, besides its attachment.
 */

export const Step = {
  end: 0,
  literal: 1,
  member: 2,
  offset: 3,
  length: 4,
  time: 5,
  skipUnless: 6,
  strings: 7,
  column: 8,
  attachmentText: 9,
  size: 10,
  messages: 11,
  data: 12,
} as const;

export const Condition = { hasTime: 0, isLine: 1, isColumns: 2, hasAttachment: 3 } as const;
export const Mode = { plain: 0, json: 1, csv: 2, csvGuarded: 3 } as const;

/** What numbers of a frame are. */
const FrameNumber = { none: 0, offset: 1, length: 2 } as const;

const HEAD_WORDS = 8;
const FRAME_WORDS = 11;
const STEP_WORDS = 4;
/** Read and written behind the end of a literal at most. */
const PADDING = 16;
/** A whole number in decimal digits, with its sign and what is written behind it. */
const NUMBER_BYTES = 32;
/** What has to be free before the last step of a row, and two quotes. */
const RESERVE_BYTES = 192;

const utf8 = new TextEncoder();

export class ProgramBuilder {
  readonly #steps: (readonly [code: number, a: number, b: number, c: number])[] = [];
  readonly #literals: Uint8Array[] = [];
  /** By where they are. */
  readonly #texts = new Map<number, string>();
  #literalBytes = 0;
  #numbers = 0;
  /** Of strings. */
  perString = 0;
  growth = 1;
  needsText = false;
  delimiter = 0;

  step(code: number, a = 0, b = 0, c = 0): void {
    if (code === Step.offset || code === Step.length || code === Step.time || code === Step.size) this.#numbers++;
    this.#steps.push([code, a, b, c]);
  }

  literal(text: string, code: typeof Step.literal | typeof Step.member = Step.literal): void {
    if (text !== '') this.step(code, ...this.place(text));
  }

  /** @returns where in the literals it is, and its bytes */
  place(text: string): [at: number, bytes: number] {
    const bytes = utf8.encode(text);
    const at = this.#placeBytes(bytes);
    this.#texts.set(at, text);
    return [at, bytes.length];
  }

  #placeBytes(bytes: Uint8Array): number {
    this.#literals.push(bytes);
    const at = this.#literalBytes;
    this.#literalBytes += bytes.length + PADDING;
    return at;
  }

  /** Steps that are left out unless the condition holds. */
  only(condition: number, add: () => void): void {
    const at = this.#steps.length;
    this.step(Step.skipUnless);
    add();
    this.#steps[at] = [Step.skipUnless, condition, this.#steps.length - at - 1, 0];
  }

  finish(): Uint8Array {
    const frame = this.#lineFrame();
    this.step(Step.end);
    const literalsAt = (HEAD_WORDS + this.#steps.length * STEP_WORDS) * 4;
    const frameAt = literalsAt + this.#literalBytes;
    const program = new Uint8Array(frameAt + (frame === undefined ? 0 : FRAME_WORDS * 4));
    const view = new DataView(program.buffer);
    const fixed = RESERVE_BYTES + this.#literalBytes + this.#numbers * NUMBER_BYTES;
    const head = [fixed, this.perString, this.growth, this.needsText ? 1 : 0, this.delimiter];
    if (frame !== undefined) {
      head.push(frameAt);
      for (const [word, value] of frame(literalsAt).entries()) view.setUint32(frameAt + word * 4, value, true);
    }
    for (const [index, value] of head.entries()) view.setUint32(index * 4, value, true);
    for (const [index, [code, a, b, c]] of this.#steps.entries()) {
      const refers = code === Step.literal || code === Step.member || code === Step.strings;
      for (const [word, value] of [code, refers ? literalsAt + a : a, b, c].entries())
        view.setUint32((HEAD_WORDS + index * STEP_WORDS + word) * 4, value, true);
    }
    let at = literalsAt;
    for (const bytes of this.#literals) {
      program.set(bytes, at);
      at += bytes.length + PADDING;
    }
    return program;
  }

  /**
   * What a line becomes that has no time: its text, and up to two numbers before it, between literals.
   * @returns its words, when it is known where the literals are; undefined when a line becomes something else
   */
  #lineFrame(): ((literalsAt: number) => readonly number[]) | undefined {
    const literals: Uint8Array[] = [];
    const numbers: number[] = [];
    let mode: number | undefined;
    let literal = '';
    let isFirst = true;
    const add = (text: string) => {
      literals.push(utf8.encode(text));
      literal = '';
    };
    for (let at = 0; at < this.#steps.length; at++) {
      const [code, a, b, c] = this.#steps[at] ?? [Step.end, 0, 0, 0];
      switch (code) {
        case Step.member:
        case Step.literal:
          literal += this.#literalText(a).slice(code === Step.member && isFirst ? 1 : 0);
          if (code === Step.member) isFirst = false;
          break;
        case Step.skipUnless:
          if (a !== Condition.isLine) at += b;
          break;
        case Step.offset:
        case Step.length:
          if (mode !== undefined) return undefined;
          numbers.push(code === Step.offset ? FrameNumber.offset : FrameNumber.length);
          add(literal);
          break;
        case Step.strings:
        case Step.column: {
          const isText = code === Step.strings || a === 0;
          const own = code === Step.strings ? c : b;
          if (mode !== undefined || !isText || own === Mode.csvGuarded) return undefined;
          mode = own;
          add(literal);
          break;
        }
        default:
          return undefined;
      }
    }
    if (mode === undefined || numbers.length > 2) return undefined;
    const tail = utf8.encode(literal);
    // Literals stand before the text; where there are fewer numbers than two, the last ones are empty.
    const before = [...literals, new Uint8Array(0), new Uint8Array(0)].slice(0, 3);
    const places = [...before, tail].map((bytes) => [this.#placeBytes(bytes), bytes.length] as const);
    const [first, second, third, last] = places as [Place, Place, Place, Place];
    const [one = FrameNumber.none, two = FrameNumber.none] = numbers;
    const how = mode;
    return (literalsAt) => {
      const at = ([place, bytes]: Place) => [literalsAt + place, bytes];
      return [...at(first), one, ...at(second), two, ...at(third), how, ...at(last)];
    };
  }

  #literalText(at: number): string {
    return this.#texts.get(at) ?? '';
  }
}

type Place = readonly [at: number, bytes: number];
