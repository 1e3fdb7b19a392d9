/** Numbers that repeat from a seed (mulberry32), so that a case can be made again anywhere. */

export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to, but not including, `limit`, which is at most 2 ** 32. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(choices: readonly T[]): T {
    const choice = choices[this.below(choices.length)];
    if (choice === undefined) throw new RangeError('there is nothing to pick from');
    return choice;
  }

  /** So many values, each made by `make`. */
  many<T>(count: number, make: (index: number) => T): T[] {
    return Array.from({ length: count }, (_, index) => make(index));
  }

  bytes(length: number): Buffer {
    return Buffer.from(this.many(length, () => this.below(256)));
  }

  /** Words of one to four bytes a character, with now and then a character that hosts must not change. */
  text(mostCharacters: number): string {
    const alphabet = 'abcdefghij klmnop,;"\'ÄÖüß€語😀\u0000\t\u0004\ufeff';
    const characters = [...alphabet];
    return this.many(this.below(mostCharacters + 1), () => this.pick(characters)).join('');
  }
}
