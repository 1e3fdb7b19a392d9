/**
 * Lines of JSON to rows: each line holds one object, whose members are shown in columns.
 *
 * A slice may end within a line. Its rest then begins the next slice, which is longer, unless the input has ended: then the same rest is
 * passed once more. So a slice as long as the rest that was left holds the last line, which has no LF.
 */
import {
  Column,
  Config,
  InitError,
  Input,
  isUtf8,
  Items,
  MOST_TEXT_GROWTH,
  Parser,
  RenderOptions,
  Schema,
  TextWriter,
  Version,
  writeMendedUtf8,
} from '@chipmunk-host/sdk/assembly';
import { BrokenLines } from './broken-lines';
import { commonColumns, commonTree, isTimeName } from './common-columns';
import { FoundColumns } from './found-columns';
import { Fault, fail, fault, faultAt, LF, OPEN_BRACE, skipSpace } from './json-scan';
import { findLineFeed, findLastLineFeed } from './line-feeds';
import { MemberPath, parsePaths } from './member-path';
import { MemberTree } from './member-tree';
import { MOST_COLUMNS, ObjectReader } from './object-reader';

const CR: u8 = 13;
/** What separates columns that Chipmunk has joined. */
const COLUMN_SEPARATOR: u8 = 4;
const MARK_BYTES: usize = 3;
/** Behind a line that is copied: an LF, and what is read beyond it. */
const MARGIN: usize = 32;
/** Columns are found in so many lines, and in so many bytes, at most. */
const FIRST_LINES: i32 = 20;
const FIRST_BYTES: usize = 65536;

class JsonLines extends Parser {
  private readonly writer: TextWriter = new TextWriter();
  private reader: ObjectReader = new ObjectReader(this.writer, commonTree(), commonColumns().length, true);
  private captions: Column[] = commonColumns();
  private showsRest: bool = true;
  /** How many columns are still to be found in the first lines; 0: none, or they are found. */
  private toFind: i32 = 0;
  private report: BrokenLines = new BrokenLines();
  /** Bytes that the last call left because they hold no LF; 0 when it left none, or when complete lines are among them. */
  private pending: usize = 0;
  /** Bytes of input that were used up. */
  private position: u64 = 0;

  version(): Version {
    return new Version(0, 1, 0);
  }

  schemas(): Schema[] {
    return [
      Schema.text('columns', 'Columns').describe(
        'Names of members between commas, a column for each. a.b is the member b of the member a. Empty: time, level, source and message.',
      ),
      Schema.integer('find', 'Find columns', 0).describe(
        'How many columns to find in the first lines: the members that are there. The first item has their names. 0: none.',
      ),
      Schema.boolean('rest', 'Rest', true).describe('Show the members that are in no column in one more, as JSON.'),
    ];
  }

  renderOptions(): RenderOptions | null {
    const columns = this.captions.slice();
    if (this.showsRest) columns.push(new Column('Rest', 'The members that are in no other column, as JSON', -1));
    return new RenderOptions(columns, 30, 1200);
  }

  init(config: Config): InitError | null {
    const parsed = parsePaths(config.text('columns'));
    const error = parsed.error;
    const isCommon = config.text('columns').trim() == '';
    if (!isCommon && error !== null) return InitError.config(`columns: ${error}`);
    const paths = parsed.paths;
    if (paths.length >= MOST_COLUMNS) return InitError.config(`columns: expected up to ${MOST_COLUMNS - 1}, not ${paths.length}`);
    const toFind = config.integer('find');
    if (toFind < 0 || toFind >= MOST_COLUMNS) return InitError.config(`find: expected 0 to ${MOST_COLUMNS - 1}, not ${toFind}`);
    if (toFind > 0 && !isCommon) return InitError.config('find: expected 0 where columns are named');
    this.toFind = toFind;
    this.showsRest = config.boolean('rest', true);
    if (toFind > 0) {
      this.captions = [];
      for (let i = 1; i <= toFind; i++) this.captions.push(new Column(i.toString(), 'A member of the first lines', -1));
    } else if (isCommon) {
      this.captions = commonColumns();
      this.reader = new ObjectReader(this.writer, commonTree(), this.captions.length, this.showsRest);
    } else {
      this.captions = [];
      for (let i = 0; i < paths.length; i++) this.captions.push(new Column(paths[i].text, 'The member of this name', -1));
      this.showPaths(paths);
    }
    this.report = new BrokenLines();
    this.pending = 0;
    this.position = 0;
    return null;
  }

  parse(input: Input, out: Items): void {
    this.writer.reset();
    const start = input.start;
    const end = input.end;
    const length = end - start;
    const isLast = length == this.pending;
    if (this.toFind != 0) {
      if (!this.findColumns(start, end, isLast, out)) {
        this.pending = length;
        return;
      }
      // Complete lines may be among what was left.
      this.pending = 0;
    }
    if (isLast && findLastLineFeed(start, end) == usize.MAX_VALUE) {
      this.takeLast(start, end, out);
      this.pending = 0;
      return;
    }
    // What the last call left has no LF.
    const searched = length > this.pending ? this.pending : 0;
    const rest = findLastLineFeed(start + searched, end) + 1;
    if (rest == 0) {
      this.pending = length;
      return;
    }
    const isValid = isUtf8(start, rest);
    let at = start;
    while (at < rest && !out.full) at = this.takeLine(at, isValid, out);
    this.pending = at == rest ? end - rest : 0;
  }

  private showPaths(paths: MemberPath[]): void {
    const tree = new MemberTree();
    for (let i = 0; i < paths.length; i++) {
      if (tree.timeColumn < 0 && isTimeName(paths[i].last)) tree.timeColumn = i;
      tree.add(paths[i], i);
    }
    this.reader = new ObjectReader(this.writer, tree, this.captions.length, this.showsRest);
  }

  /** Finds the columns in the first lines, and puts in their names; false: more input is needed to tell. */
  private findColumns(start: usize, end: usize, isLast: bool, out: Items): bool {
    const found = new FoundColumns(this.toFind);
    const limit = start + min(end - start, FIRST_BYTES);
    let at = start;
    if (limit - at >= MARK_BYTES) at += this.markBytes(at);
    let lines = 0;
    for (; lines < FIRST_LINES; lines++) {
      let feed = at;
      while (feed < limit && load<u8>(feed) != LF) feed++;
      if (feed == limit) break;
      if (isUtf8(at, feed)) found.add(at);
      at = feed + 1;
    }
    if (lines < FIRST_LINES && end - start < FIRST_BYTES) {
      if (!isLast) return false;
      const copy = out.reserve(end - at + MARGIN);
      memory.copy(copy, at, end - at);
      endLine(copy + (end - at));
      if (isUtf8(at, end)) found.add(copy);
    }
    this.showPaths(found.paths);
    const count = this.captions.length;
    out.beginColumns(count + <i32>this.showsRest);
    for (let i = 0; i < count; i++) out.columnString(i < found.paths.length ? found.paths[i].text : '');
    if (this.showsRest) out.columnString('Rest');
    out.endColumns(0);
    this.toFind = 0;
    return true;
  }

  /** Puts in the line that begins at `line` and ends with an LF; returns where the next one begins. */
  private takeLine(line: usize, isValid: bool, out: Items): usize {
    const text = line + this.markBytes(line);
    if (isValid) {
      const feed = this.readLine(text);
      if (feed != 0) return this.put(line, feed + 1, out);
    }
    const feed = findLineFeed(isValid ? faultAt : text);
    const next = feed + 1;
    if (isValid) this.putText(text, feed, line, next, out);
    else if (isUtf8(text, feed)) this.takeText(text, feed, line, next, out);
    else this.takeMended(text, feed, line, next, out);
    return next;
  }

  /** Puts in the last line, which has no LF. */
  private takeLast(line: usize, end: usize, out: Items): void {
    const text = end - line >= MARK_BYTES ? line + this.markBytes(line) : line;
    if (isUtf8(text, end)) this.takeCopied(text, end, line, end, out);
    else this.takeMended(text, end, line, end, out);
  }

  /** The same for a line from `line` up to `next` whose text is not valid UTF-8. */
  private takeMended(text: usize, end: usize, line: usize, next: usize, out: Items): void {
    this.report.replaced(this.position);
    const copy = out.reserve((end - text) * MOST_TEXT_GROWTH + MARGIN);
    this.takeText(copy, endLine(writeMendedUtf8(copy, text, end)), line, next, out);
  }

  private takeCopied(text: usize, end: usize, line: usize, next: usize, out: Items): void {
    const copy = out.reserve(end - text + MARGIN);
    memory.copy(copy, text, end - text);
    this.takeText(copy, endLine(copy + (end - text)), line, next, out);
  }

  /** Puts in a line whose text lies from `text` up to the LF at `feed`; in the input it goes from `line` up to `next`. */
  private takeText(text: usize, feed: usize, line: usize, next: usize, out: Items): void {
    if (this.readLine(text) != 0) this.put(line, next, out);
    else this.putText(text, feed, line, next, out);
  }

  /** Reads the object that is a line, and returns where the LF lies that ends it; 0: the line is no object. */
  // @ts-ignore: decorator
  @inline
  private readLine(text: usize): usize {
    this.isBlank = false;
    const at = skipSpace(text);
    if (load<u8>(at) != OPEN_BRACE) {
      this.isBlank = load<u8>(at) == LF;
      return this.isBlank ? at : fail(at, Fault.Object);
    }
    const end = this.reader.read(at);
    if (end == 0) return 0;
    const behind = skipSpace(end);
    return load<u8>(behind) == LF ? behind : fail(behind, Fault.End);
  }

  /** Whether there are only spaces in the line that was read last. */
  private isBlank: bool = false;

  // @ts-ignore: decorator
  @inline
  private put(line: usize, next: usize, out: Items): usize {
    if (this.isBlank) out.skip(next - line);
    else this.reader.put(out, next - line);
    this.position += next - line;
    return next;
  }

  /** Puts in a line as it is, because it is no object. */
  private putText(text: usize, feed: usize, line: usize, next: usize, out: Items): void {
    this.report.broke(this.position, fault, faultAt - text + 1);
    const end = feed > text && load<u8>(feed - 1) == CR ? feed - 1 : feed;
    let at = text;
    while (at < end && load<u8>(at) != COLUMN_SEPARATOR) at++;
    if (at == end) {
      out.line(text, end - text, next - line);
    } else {
      // A host would take the line for several columns.
      out.beginColumns(1);
      out.column(text, end - text);
      out.endColumns(next - line);
    }
    this.position += next - line;
  }

  /** Bytes of the byte order mark with which the input begins. */
  // @ts-ignore: decorator
  @inline
  private markBytes(line: usize): usize {
    if (this.position != 0) return 0;
    return load<u16>(line) == 0xbbef && load<u8>(line, 2) == 0xbf ? MARK_BYTES : 0;
  }
}

/** Ends a line that was copied; returns where its LF lies. */
function endLine(at: usize): usize {
  store<u8>(at, LF);
  return at;
}

export function create(): Parser {
  return new JsonLines();
}
