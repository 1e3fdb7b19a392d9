/** Reads one object of JSON: the values of its columns, and what is left. */
import { Items, TextWriter } from '@chipmunk-host/sdk/assembly';
import {
  CLOSE_BRACE,
  COLON,
  COMMA,
  Fault,
  fail,
  hasEscapes,
  memberEnd,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipSpace,
  stringEnd,
  valueEnd,
} from './json-scan';
import { guessedLength, guessedNode, learn, NameGuesses } from './name-guesses';
import { Form, MemberNode, MemberTree } from './member-tree';
import { Rest } from './rest';
import { RowTime } from './row-time';
import { UNESCAPE_SLACK, writeUnescaped } from './unescape';

/** Chipmunk takes up to 100 columns. */
export const MOST_COLUMNS: i32 = 100;
const PAIR_BYTES: usize = 8;
/** For each column its address and its length, which is what the host reads. */
const pairs: usize = memory.data(808, 16);
/** For each column the rank of the member that it shows, and where the outermost member begins that it is from; 0: it shows none. */
const origins: usize = memory.data(808, 16);

export class ObjectReader {
  readonly time: RowTime = new RowTime();
  private readonly rest: Rest = new Rest();
  /** Counts lines, for `MemberNode.line`. */
  private line: u32 = 0;
  /** Where the outermost member begins that is being read. */
  private memberStart: usize = 0;
  /** Where the one before it ends; 0: there is none. */
  private memberBefore: usize = 0;
  private firstMember: usize = 0;
  /** Whether something in that member is in no column. */
  private isLeftOver: bool = false;
  private readonly guesses: NameGuesses = new NameGuesses();
  /** Of the name that `readName` read last. */
  private named: MemberNode | null = null;

  constructor(
    private readonly writer: TextWriter,
    private readonly tree: MemberTree,
    /** Without the one for the rest. */
    private readonly columns: i32,
    private readonly showsRest: bool,
  ) {}

  /** Reads the object that begins at `at`, behind which an LF must come somewhere. Returns where it ends; 0: it is none. */
  read(at: usize): usize {
    this.line++;
    const cleared = <usize>this.columns * PAIR_BYTES;
    for (let done: usize = 0; done < cleared; done += PAIR_BYTES) {
      store<u64>(origins + done, 0);
      store<u64>(pairs + done, 0);
    }
    this.time.clear();
    this.rest.clear();
    this.guesses.rewind();
    this.memberBefore = 0;
    this.firstMember = 0;
    const end = this.readMembers(at + 1, this.tree.root, true);
    if (end != 0 && this.showsRest) {
      const start = this.rest.write(this.writer, at, this.firstMember, this.memberBefore, end);
      storePair(<usize>this.columns, start, this.rest.end - start);
    }
    return end;
  }

  /** Puts in the row of the object that was read last. */
  put(out: Items, consumed: u64): void {
    const count = this.columns + <i32>this.showsRest;
    const target = out.reserveColumns(count);
    const bytes = <usize>count * PAIR_BYTES;
    for (let done: usize = 0; done < bytes; done += PAIR_BYTES) store<u64>(target + done, load<u64>(pairs + done));
    out.columnsAt(target, count, consumed);
    this.time.put(out);
  }

  /** Reads the members of an object up to its brace; returns the place behind that. */
  private readMembers(at: usize, parent: u32, isOutermost: bool): usize {
    at = skipSpace(at);
    if (load<u8>(at) == CLOSE_BRACE) return at + 1;
    while (true) {
      if (load<u8>(at) != QUOTE) return fail(at, Fault.Name);
      const start = at;
      const name = at + 1;
      const guess = this.guesses.take();
      const length = guessedLength(guess, name, parent);
      let node: MemberNode | null;
      if (length != 0) {
        node = changetype<MemberNode | null>(guessedNode(guess));
        at = skipSpace(name + length);
      } else {
        at = this.readName(name, parent, guess);
        if (at == 0) return 0;
        node = this.named;
      }
      if (isOutermost) {
        this.memberStart = start;
        this.isLeftOver = false;
      }
      if (node === null) {
        at = valueEnd(at);
        this.isLeftOver = true;
      } else {
        at = this.readKnown(node, at);
      }
      if (at == 0) return 0;
      if (isOutermost) {
        if (this.isLeftOver) this.rest.add(start, at, this.memberBefore);
        if (this.memberBefore == 0) this.firstMember = start;
        this.memberBefore = at;
      }
      at = skipSpace(at);
      const next = load<u8>(at);
      if (next != COMMA) return next == CLOSE_BRACE ? at + 1 : fail(at, Fault.Comma);
      at = skipSpace(at + 1);
    }
  }

  /** Reads the name at `at`, behind its quote, and the colon behind it; returns where the value begins. `named` is its node. */
  private readName(at: usize, parent: u32, guess: usize): usize {
    const end = stringEnd(at);
    if (end == 0) return 0;
    const isPlain = !hasEscapes;
    this.named = isPlain ? this.tree.find(parent, at, end - at) : this.findEscaped(parent, at, end);
    const colon = skipSpace(end + 1);
    if (load<u8>(colon) != COLON) return fail(colon, Fault.Colon);
    if (isPlain && colon == end + 1 && guess != 0) learn(guess, at, end, parent, changetype<usize>(this.named));
    return skipSpace(colon + 1);
  }

  /** Reads the value at `at` of a member that the tree has; returns where it ends. */
  private readKnown(node: MemberNode, at: usize): usize {
    const leftBefore = this.isLeftOver;
    const isAgain = node.line == this.line;
    node.line = this.line;
    if (isAgain && node.hasChildren) this.forgetBelow(node);
    const byte = load<u8>(at);
    let end: usize;
    let text = at;
    let textEnd: usize;
    let escapes = false;
    /** Whether the members of the value were looked at one by one. */
    const isBelow = byte == OPEN_BRACE && node.hasChildren;
    if (byte == QUOTE) {
      text = at + 1;
      textEnd = stringEnd(text);
      if (textEnd == 0) return 0;
      escapes = hasEscapes;
      end = textEnd + 1;
    } else {
      if (isBelow) {
        end = this.readMembers(at + 1, node.id, false);
        // The one before may be in the rest, and this one counts.
        if (isAgain) this.isLeftOver = true;
      } else {
        end = valueEnd(at);
        if (node.hasChildren) this.isLeftOver = true;
      }
      if (end == 0) return 0;
      textEnd = end;
    }
    if (node.column < 0) {
      if (byte == QUOTE) this.isLeftOver = true;
    } else {
      const isLeftBelow = this.isLeftOver;
      this.isLeftOver = leftBefore;
      if (!this.show(node, byte, text, textEnd, escapes)) this.isLeftOver = !isBelow || isLeftBelow || this.isLeftOver;
    }
    return end;
  }

  /** Shows a value in the column of its member, unless that shows a better one, or the value has not the form. */
  // @ts-ignore: decorator
  @inline
  private show(node: MemberNode, byte: u8, text: usize, textEnd: usize, escapes: bool): bool {
    const isText = byte == QUOTE;
    const origin = origins + <usize>node.column * PAIR_BYTES;
    const shown = load<usize>(origin, 4);
    if (shown != 0 && load<i32>(origin) < node.rank) return false;
    switch (node.form) {
      case Form.Text:
        if (!isText) return false;
        break;
      case Form.Scalar:
        if (byte == OPEN_BRACE || byte == OPEN_BRACKET) return false;
        break;
      case Form.Time:
        if (escapes || !this.time.take(text, textEnd - text)) return false;
        break;
      default:
        if (node.isTime && (escapes || !this.time.take(text, textEnd - text))) this.time.clear();
    }
    if (shown != 0 && load<i32>(origin) != node.rank) this.putBack(shown);
    store<i32>(origin, node.rank);
    store<usize>(origin, this.memberStart, 4);
    if (escapes) {
      const target = this.writer.begin(textEnd - text + UNESCAPE_SLACK);
      const end = writeUnescaped(target, text, textEnd);
      this.writer.end(end);
      storePair(node.column, target, end - target);
    } else {
      storePair(node.column, text, textEnd - text);
    }
    return true;
  }

  /** The outermost member that begins at `start` is no longer shown. */
  private putBack(start: usize): void {
    if (start == this.memberStart) this.isLeftOver = true;
    else if (!this.rest.has(start)) this.rest.add(start, memberEnd(start), 0);
  }

  /** Of two members of one name the last one counts, as for `JSON.parse`: nothing of the first one is shown. */
  private forgetBelow(node: MemberNode): void {
    for (let i = 0; i < node.columnsBelow.length; i++) {
      const column = <usize>node.columnsBelow[i];
      if (<i32>column == this.tree.timeColumn) this.time.clear();
      store<u64>(pairs + column * PAIR_BYTES, 0);
      store<u64>(origins + column * PAIR_BYTES, 0);
    }
  }

  private findEscaped(parent: u32, at: usize, end: usize): MemberNode | null {
    const target = this.writer.begin(end - at + UNESCAPE_SLACK);
    // The name need not stay.
    return this.tree.find(parent, target, writeUnescaped(target, at, end) - target);
  }
}

// @ts-ignore: decorator
@inline
function storePair(column: usize, at: usize, length: usize): void {
  store<usize>(pairs + column * PAIR_BYTES, at);
  store<usize>(pairs + column * PAIR_BYTES, length, 4);
}
