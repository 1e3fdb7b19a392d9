/**
 * Reads the text of a pattern: the part of JavaScript's regular expressions that can be matched in linear time. There are no
 * back-references and no assertions but `^`, `$`, `\b` and `\B`.
 */
import { CharSet } from './char-set';
import { Kind, Node, UNLIMITED } from './node';

const MOST_REPETITIONS: i32 = 1000;
const MOST_DEPTH: i32 = 200;
/** Of the rest of a pattern in a message. */
const SHOWN: i32 = 20;

export class PatternReader {
  /** Why the pattern is refused, with the place; empty: it is not. */
  error: string = '';
  readonly groups: string[] = [];
  private at: i32 = 0;
  private depth: i32 = 0;

  constructor(private readonly text: string) {}

  /** The whole pattern; where `error` is set, what it returns has no meaning. */
  read(): Node {
    const node = this.readEither();
    if (this.error == '' && this.at < this.text.length) this.fail(this.at, "a ')' has no '(' before it");
    return node;
  }

  private readEither(): Node {
    const first = this.readSequence();
    if (this.peek() != 124) return first;
    const node = new Node(Kind.Either);
    node.children.push(first);
    while (this.take(124)) node.children.push(this.readSequence());
    return node;
  }

  private readSequence(): Node {
    const node = new Node(Kind.Sequence);
    while (this.error == '' && this.at < this.text.length) {
      const next = this.peek();
      if (next == 124 || next == 41) break;
      node.children.push(this.readRepeated());
    }
    return node;
  }

  private readRepeated(): Node {
    const start = this.at;
    const node = this.readOne();
    const mark = this.at;
    let least = 0;
    let most = UNLIMITED;
    if (this.take(43)) least = 1;
    else if (this.take(63)) most = 1;
    else if (this.peek() == 123) {
      this.at++;
      least = this.readNumber();
      most = this.take(44) ? (this.peek() == 125 ? UNLIMITED : this.readNumber()) : least;
      if (!this.take(125))
        this.fail(mark, 'expected a number of repetitions such as {2}, {2,} or {2,5}; \\{ is a brace');
      else if (most < least) this.fail(mark, 'expected the smaller number of repetitions first');
    } else if (!this.take(42)) return node;
    if (this.error != '') return node;
    if (node.kind >= Kind.Begin) this.fail(mark, 'expected a character, a class or a group before it, not a place');
    if (most > 1 && node.hasGroup) {
      this.fail(start, 'a group with a name cannot be repeated: put the repetition into the group');
    }
    const repeat = new Node(Kind.Repeat);
    repeat.least = least;
    repeat.most = most;
    repeat.isLazy = this.take(63);
    repeat.children.push(node);
    const again = this.peek();
    if (again == 42 || again == 43 || again == 63 || again == 123)
      this.fail(this.at, 'there is a repetition before it already');
    return repeat;
  }

  private readNumber(): i32 {
    const start = this.at;
    let number = 0;
    while (this.at < this.text.length && this.peek() >= 48 && this.peek() <= 57 && number <= MOST_REPETITIONS) {
      number = number * 10 + (this.peek() - 48);
      this.at++;
    }
    if (this.at == start) this.fail(start, 'expected a number of repetitions');
    else if (number > MOST_REPETITIONS) this.fail(start, `expected up to ${MOST_REPETITIONS} repetitions`);
    return number;
  }

  private readOne(): Node {
    const start = this.at;
    const code = this.next();
    switch (code) {
      case 40:
        return this.readGroup(start);
      case 91:
        return Node.ofSet(this.readClass(start));
      case 46:
        return Node.ofSet(new CharSet().negate());
      case 94:
        return new Node(Kind.Begin);
      case 36:
        return new Node(Kind.End);
      case 42:
      case 43:
      case 63:
        this.fail(start, 'there is nothing before it that could be repeated');
        return new Node(Kind.Empty);
      case 123:
        this.fail(start, 'there is nothing before it that could be repeated; \\{ is a brace');
        return new Node(Kind.Empty);
      case 92:
        if (this.take(98)) return new Node(Kind.WordBreak);
        if (this.take(66)) return new Node(Kind.NoWordBreak);
        return Node.ofSet(this.readEscape(start));
      default:
        return Node.ofSet(new CharSet().add(code, code));
    }
  }

  private readGroup(start: i32): Node {
    let node: Node | null = null;
    if (++this.depth > MOST_DEPTH) this.fail(start, `expected groups in groups up to ${MOST_DEPTH} deep`);
    if (this.take(63)) {
      if (this.take(60) && this.peek() != 61 && this.peek() != 33) node = this.readName();
      else if (!this.take(58)) this.fail(start, 'expected (?<name>, (?: or (: other groups are not known');
    }
    const inside = this.error == '' ? this.readEither() : new Node(Kind.Empty);
    if (this.error == '' && !this.take(41)) this.fail(start, "this '(' has no ')'");
    this.depth--;
    if (node === null) return inside;
    node.children.push(inside);
    return node;
  }

  private readName(): Node {
    const start = this.at;
    while (this.at < this.text.length && isNameUnit(this.peek(), this.at > start)) this.at++;
    const name = this.text.substring(start, this.at);
    if (name == '' || !this.take(62)) {
      this.fail(start, "expected the name of a group, of letters, digits and '_', and '>' behind it");
    } else if (this.groups.includes(name)) {
      this.fail(start, `the name '${name}' is there twice`);
    }
    const node = new Node(Kind.Group);
    node.group = this.groups.length;
    this.groups.push(name);
    return node;
  }

  private readClass(start: i32): CharSet {
    const set = new CharSet();
    const isNegated = this.take(94);
    while (true) {
      if (this.at >= this.text.length || this.error != '') {
        this.fail(start, "this '[' has no ']'");
        return set;
      }
      if (this.take(93)) break;
      const from = this.at;
      const first = this.readMember();
      if (this.peek() != 45 || this.at + 1 >= this.text.length || this.text.charCodeAt(this.at + 1) == 93) {
        set.addAll(first);
        continue;
      }
      this.at++;
      const last = this.readMember();
      if (this.error == '' && (first.single < 0 || last.single < 0)) {
        this.fail(from, "expected a character on either side of '-'; \\- is a dash");
      } else if (first.single > last.single) {
        this.fail(from, 'expected the smaller character first');
      }
      set.add(first.single, last.single);
    }
    return isNegated ? set.negate() : set;
  }

  private readMember(): CharSet {
    const start = this.at;
    const code = this.next();
    return code == 92 ? this.readEscape(start, true) : new CharSet().add(code, code);
  }

  /** What a backslash at `start` stands for, which was read. */
  private readEscape(start: i32, isInClass: bool = false): CharSet {
    if (this.at >= this.text.length) {
      this.fail(start, 'expected a character behind the backslash');
      return new CharSet();
    }
    const code = this.next();
    switch (code) {
      case 100:
        return digits();
      case 68:
        return digits().negate();
      case 119:
        return wordCharacters();
      case 87:
        return wordCharacters().negate();
      case 115:
        return spaces();
      case 83:
        return spaces().negate();
      case 110:
        return new CharSet().add(10, 10);
      case 114:
        return new CharSet().add(13, 13);
      case 116:
        return new CharSet().add(9, 9);
      case 118:
        return new CharSet().add(11, 11);
      case 102:
        return new CharSet().add(12, 12);
      case 120:
        return this.readCode(start, 2);
      case 117:
        return this.readCode(start, 4);
      case 98:
        if (isInClass) return new CharSet().add(8, 8);
        break;
      default:
    }
    if (code == 95 || isNameUnit(code, true)) this.fail(start, 'this escape is not known');
    return new CharSet().add(code, code);
  }

  private readCode(start: i32, digits: i32): CharSet {
    let code: u32 = 0;
    for (let i = 0; i < digits; i++) {
      const digit = hexadecimal(this.peek());
      if (digit < 0) {
        this.fail(start, `expected ${digits} hexadecimal digits`);
        return new CharSet();
      }
      code = (code << 4) | digit;
      this.at++;
    }
    if ((code & 0xf800) == 0xd800) this.fail(start, 'expected a character, not half of one');
    return new CharSet().add(code, code);
  }

  /** The unit that comes next; -1: there is none. */
  private peek(): i32 {
    return this.at < this.text.length ? this.text.charCodeAt(this.at) : -1;
  }

  private take(unit: i32): bool {
    if (this.peek() != unit) return false;
    this.at++;
    return true;
  }

  /** The next character, which is there. */
  private next(): u32 {
    const code = <u32>this.text.codePointAt(this.at);
    this.at += code > 0xffff ? 2 : 1;
    return code;
  }

  /** Refuses the pattern; the first fault counts. */
  private fail(at: i32, reason: string): void {
    if (this.error != '') return;
    const rest = this.text.substring(at, at + SHOWN);
    const more = at + SHOWN < this.text.length ? '…' : '';
    this.error = `${reason}, at character ${at + 1}: '${rest}${more}'`;
  }
}

function isNameUnit(unit: i32, mayBeDigit: bool): bool {
  return unit == 95 || (<u32>(unit | 32) - 97 < 26 && unit < 128) || (mayBeDigit && <u32>unit - 48 < 10);
}

function hexadecimal(unit: i32): i32 {
  if (<u32>unit - 48 < 10) return unit - 48;
  const letter = (unit | 32) - 97;
  return unit >= 0 && <u32>letter < 6 ? letter + 10 : -1;
}

function digits(): CharSet {
  return new CharSet().add(48, 57);
}

export function wordCharacters(): CharSet {
  return digits().add(65, 90).add(95, 95).add(97, 122);
}

function spaces(): CharSet {
  return new CharSet().add(9, 13).add(32, 32);
}
