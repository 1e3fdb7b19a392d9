/** The types that messages of an input may have. */
import { isBroken, isTwice, misfit } from './fit';
import { MessageType, Word } from './message-type';

export class Types {
  /** The best type of the message that was looked at last: of several the first one. */
  best: MessageType;
  /** The names of all types that fit as well. */
  name: Word;
  /** How many bytes of it the type does not explain. */
  misfit: usize = 0;
  /** Whether it has bytes that are no fields. */
  isBroken: bool = false;
  /** Whether a field is there twice that is not repeated. */
  isTwice: bool = false;
  private readonly names: Word[] = [];
  /** Names of several types, by their indexes. */
  private readonly joint: Map<string, Word> = new Map();

  constructor(private readonly types: MessageType[]) {
    this.best = types[0];
    this.name = new Word(types[0].name);
    for (let i = 0; i < types.length; i++) this.names.push(new Word(types[i].name));
  }

  /** Whether there is nothing to choose. */
  get isOne(): bool {
    return this.types.length == 1;
  }

  /** Looks which type explains most of a message. */
  look(at: usize, end: usize): void {
    let least = usize.MAX_VALUE;
    let equal = 0;
    let first = 0;
    for (let i = 0; i < this.types.length; i++) {
      const found = misfit(this.types[i], at, end);
      if (found > least) continue;
      if (found == least) {
        equal++;
        continue;
      }
      least = found;
      this.isBroken = isBroken;
      this.isTwice = isTwice;
      first = i;
      equal = 1;
    }
    this.misfit = least;
    this.best = this.types[first];
    if (this.types.length == 1) return;
    this.name = equal == 1 ? this.names[first] : this.jointName(at, end);
  }

  private jointName(at: usize, end: usize): Word {
    let text = '';
    for (let i = 0; i < this.types.length; i++) {
      if (misfit(this.types[i], at, end) == this.misfit)
        text += text == '' ? this.types[i].name : `, ${this.types[i].name}`;
    }
    if (!this.joint.has(text)) {
      // There may be very many of them.
      if (this.joint.size > 1000) this.joint.clear();
      this.joint.set(text, new Word(text));
    }
    return this.joint.get(text);
  }
}
