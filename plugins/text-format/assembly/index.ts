/**
 * Lines of text to rows: a pattern with named groups says what is in which column.
 *
 * A slice may end within a line, and a message may go on in the next line. What is not complete begins the next slice, which is longer,
 * unless the input has ended: then the same rest is passed once more.
 */
import {
  Column,
  Config,
  InitError,
  Input,
  Items,
  isUtf8,
  LineFeeds,
  log,
  MOST_TEXT_GROWTH,
  NO_TIME,
  Parser,
  Pattern,
  RenderOptions,
  Schema,
  TextWriter,
  Version,
  writeMendedUtf8,
} from '@chipmunk-host/sdk/assembly';
import { Format } from './format';
import { Guess } from './guess';
import { OpenRow } from './open-row';
import { PointInTime, zoneOf } from './point-in-time';
import { Preset, presets } from './presets';

const CR: u8 = 13;
const MARK_BYTES: usize = 3;
/** Behind a line that is copied: what is read beyond it. */
const MARGIN: usize = 16;
const MOST_COLUMNS: i32 = 100;
const MOST_WARNINGS: i32 = 10;
const AUTO = 'auto';
const CONTINUATIONS: string[] = [AUTO, 'none', 'indented', 'all'];

const enum Continuation {
  Auto,
  None,
  Indented,
  All,
}

class TextFormat extends Parser {
  private readonly writer: TextWriter = new TextWriter();
  private readonly feeds: LineFeeds = new LineFeeds();
  private readonly time: PointInTime = new PointInTime();
  private readonly row: OpenRow = new OpenRow();
  /** Null while the format is to be found, and where none was. */
  private format: Format | null = null;
  private captions: Column[] = commonColumns();
  private messageColumn: i32 = MESSAGE_COLUMN;
  /** To choose from by the first lines; empty: that is done. */
  private choices: Format[] = [];
  private continuation: i32 = Continuation.Auto;
  /** Which lines belong to the message before them. */
  private belongs: i32 = Continuation.None;
  private mended: i32 = 0;
  private toldOfYear: bool = false;
  /** Bytes that the last call left. */
  private left: usize = 0;
  /** Bytes of input that were used up. */
  private position: u64 = 0;

  version(): Version {
    return new Version(0, 1, 0);
  }

  schemas(): Schema[] {
    const names: string[] = [AUTO];
    const known = presets();
    for (let i = 0; i < known.length; i++) names.push(known[i].name);
    return [
      Schema.dropdown('preset', 'Format', names, AUTO).describe('The format of the lines. auto: it is found in the first ones.'),
      Schema.text('pattern', 'Pattern').describe(
        'A pattern of your own, a regular expression for a whole line. Each named group is a column: (?<timestamp>\\S+) (?<level>\\w+) (?<message>.*)',
      ),
      Schema.dropdown('continuation', 'Continuation', CONTINUATIONS, AUTO).describe(
        'Which lines that do not match belong to the message before them: none, those that are indented, or all. auto: all for klog and patterns.',
      ),
      Schema.text('time-zone', 'Time zone', 'UTC').describe('Of times that name none: UTC, or an offset such as +01:00.'),
      Schema.integer('year', 'Year', 0).describe('Of the first time that names none. 0: such times are not known.'),
    ];
  }

  renderOptions(): RenderOptions | null {
    return new RenderOptions(this.captions, 30, 1200);
  }

  init(config: Config): InitError | null {
    const preset = config.dropdown('preset', AUTO);
    const text = config.text('pattern');
    const continuation = config.dropdown('continuation', AUTO);
    const zone = zoneOf(config.text('time-zone'));
    const year = config.integer('year');
    if (zone == i32.MIN_VALUE) {
      return InitError.config(`time-zone: expected UTC or an offset such as +01:00, not '${config.text('time-zone')}'`);
    }
    if (year != 0 && (year < 1678 || year > 2261)) return InitError.config(`year: expected 1678 to 2261, or 0, not ${year}`);
    if (!CONTINUATIONS.includes(continuation)) {
      return InitError.config(`continuation: expected ${CONTINUATIONS.join(', ')}, not '${continuation}'`);
    }
    this.continuation = CONTINUATIONS.indexOf(continuation);
    this.time.zone = zone;
    this.time.year = year;
    this.left = 0;
    this.position = 0;
    this.row.start = 0;
    this.mended = 0;
    this.toldOfYear = false;
    if (text != '') {
      return preset == AUTO ? this.usePattern(text) : InitError.config(`pattern: expected none beside the preset '${preset}'`);
    }
    return this.usePreset(preset);
  }

  parse(input: Input, out: Items): void {
    this.writer.reset();
    this.row.start = 0;
    const start = input.start;
    const end = input.end;
    const isLast = end - start == this.left;
    if (this.choices.length > 0 && !this.choose(start, end, isLast)) {
      this.left = end - start;
      return;
    }
    this.left = end - this.takeLines(start, end, isLast, out);
  }

  private usePattern(text: string): InitError | null {
    const compiled = Pattern.compile(text);
    if (compiled.error != '') return InitError.config(`pattern: ${compiled.error}`);
    const pattern = compiled.pattern!;
    const groups = pattern.groups.length;
    if (groups == 0) return InitError.config(`pattern: expected a group with a name, such as (?<message>.*), in '${text}'`);
    if (groups > MOST_COLUMNS) return InitError.config(`pattern: expected up to ${MOST_COLUMNS} groups with names, not ${groups}`);
    this.use(Format.ofGroups(pattern));
    return null;
  }

  private usePreset(name: string): InitError | null {
    const known = presets();
    const names: string[] = [AUTO];
    for (let i = 0; i < known.length; i++) {
      names.push(known[i].name);
      if (name != AUTO && name != known[i].name) continue;
      const pattern = Pattern.compile(known[i].pattern).pattern!;
      if (name != AUTO) {
        this.use(Format.ofPreset(known[i], pattern));
        return null;
      }
      this.choices.push(Format.common(known[i], pattern));
    }
    return name == AUTO ? null : InitError.config(`preset: expected ${names.join(', ')}, not '${name}'`);
  }

  private use(format: Format): void {
    this.format = format;
    if (format.captions.length > 0) this.captions = format.captions;
    this.messageColumn = format.messageColumn;
    const chosen = this.continuation;
    this.belongs = chosen != Continuation.Auto ? chosen : format.continues ? Continuation.All : Continuation.None;
  }

  /** Chooses the format by the first lines; false: more input is needed to tell. */
  private choose(start: usize, end: usize, isLast: bool): bool {
    const guess = new Guess(this.choices);
    if (!guess.look(start + this.markBytes(start, end), end, isLast)) return false;
    const best = guess.best;
    const known: Preset[] = presets();
    if (best >= 0) {
      this.use(this.choices[best]);
      log.info(
        `the format is ${known[best].title}: it matches ${guess.matched[best]} of the first ${guess.lines} lines; preset = ${known[best].name} shows all its columns`,
      );
    } else {
      log.info(`the format is not known: none matches half of the first ${guess.lines} lines, which are shown as text; name a preset or a pattern`);
    }
    this.choices = [];
    return true;
  }

  /** Puts in what is complete; returns where the rest begins. */
  private takeLines(start: usize, end: usize, isLast: bool, out: Items): usize {
    const feeds = this.feeds;
    const isValid = isUtf8(start, end) || (!isLast && this.isValidUpToLastLine(start, end));
    let line = start + this.markBytes(start, end);
    if (line != start) this.skip(line - start, out);
    let block = line;
    while (block < end) {
      block = feeds.find(block, end);
      const count = feeds.count;
      for (let i = 0; i < count; i++) {
        const feed = feeds.at(i);
        this.takeLine(line, feed, feed + 1, isValid, out);
        line = feed + 1;
        if (isEnough(out)) return this.row.start != 0 ? this.row.start : line;
      }
    }
    if (isLast) {
      if (line < end) this.takeLine(line, end, end, isValid, out);
      this.putRow(out);
      return end;
    }
    return this.row.start != 0 ? this.row.start : line;
  }

  /** The line that the slice cuts off may end within a character. */
  private isValidUpToLastLine(start: usize, end: usize): bool {
    let last = end;
    while (last > start && load<u8>(last - 1) != 10) last--;
    return isUtf8(start, last);
  }

  /** Takes the line from `line` up to `feed`; the next one begins at `next`. */
  // @ts-ignore: decorator
  @inline
  private takeLine(line: usize, feed: usize, next: usize, isValid: bool, out: Items): void {
    const end = feed - <usize>(feed != line && load<u8>(feed - 1) == CR);
    if (isValid || isUtf8(line, end)) this.takeText(line, end, line, end, next, true, out);
    else this.takeMended(line, end, next, out);
  }

  private takeMended(line: usize, end: usize, next: usize, out: Items): void {
    if (this.mended < MOST_WARNINGS) {
      this.mended++;
      const last = this.mended == MOST_WARNINGS ? '; more of these are replaced without a message' : '';
      const place = this.position + (line - (this.row.start != 0 ? this.row.start : line));
      log.warn(`replaced with U+FFFD what is not valid UTF-8 in the line ${place} bytes after the start of the input${last}`);
    }
    const copy = out.reserve((end - line) * MOST_TEXT_GROWTH + MARGIN);
    this.takeText(copy, writeMendedUtf8(copy, line, end), line, end, next, false, out);
  }

  /** Takes a line whose text lies from `text` up to `textEnd`; in the input it goes from `line` up to `end`. */
  // @ts-ignore: decorator
  @inline
  private takeText(text: usize, textEnd: usize, line: usize, end: usize, next: usize, isValid: bool, out: Items): void {
    const format = this.format;
    if (format !== null && format.pattern.match(text, textEnd)) {
      const pairs = format.take(out, this.writer);
      const time = this.timeOf(format);
      if (this.belongs == Continuation.None) {
        out.columnsAt(pairs, format.columns, next - line);
        if (time != NO_TIME) out.time(time);
        this.position += next - line;
        return;
      }
      this.putRow(out);
      this.row.open(line, end, next, isValid);
      this.row.show(pairs, format.columns, this.messageColumn, time);
      return;
    }
    if (this.row.start != 0) {
      const isIndented = text < textEnd && (load<u8>(text) == 32 || load<u8>(text) == 9);
      if ((isIndented || this.belongs == Continuation.All) && this.row.add(end, next, isValid)) return;
      this.putRow(out);
    }
    this.putText(text, textEnd, next - line, out);
  }

  // @ts-ignore: decorator
  @inline
  private timeOf(format: Format): i64 {
    const group = format.timeGroup;
    if (group < 0) return NO_TIME;
    if (this.time.read(format.pattern.start(group), format.pattern.length(group))) return this.time.nanoseconds;
    if (this.time.lacksYear && !this.toldOfYear) {
      this.toldOfYear = true;
      log.warn("times have no year, so rows have no time by which they can be selected; the setting 'year' names that of the first one");
    }
    return NO_TIME;
  }

  private putRow(out: Items): void {
    this.position += this.row.put(out, this.writer);
  }

  /** Puts in a line that does not match. */
  private putText(text: usize, textEnd: usize, consumed: usize, out: Items): void {
    const count = this.captions.length;
    const pairs = out.reserveColumns(count);
    memory.fill(pairs, 0, <usize>count << 3);
    store<usize>(pairs + (<usize>this.messageColumn << 3), text);
    store<usize>(pairs + (<usize>this.messageColumn << 3), textEnd - text, 4);
    out.columnsAt(pairs, count, consumed);
    this.position += consumed;
  }

  private skip(bytes: usize, out: Items): void {
    out.skip(bytes);
    this.position += bytes;
  }

  /** Bytes of the byte order mark with which the input begins. */
  private markBytes(start: usize, end: usize): usize {
    if (this.position != 0 || end - start < MARK_BYTES) return 0;
    return load<u16>(start) == 0xbbef && load<u8>(start, 2) == 0xbf ? MARK_BYTES : 0;
  }
}

/** Of the common columns. */
const MESSAGE_COLUMN: i32 = 3;

function commonColumns(): Column[] {
  return [
    new Column('Time', 'The point in time that the line names', 200),
    new Column('Level', 'How grave it is', 60),
    new Column('Component', 'Which part of the program, or which host, it is about', 120),
    new Column('Message', 'Its text, or a line of another format', 600),
    new Column('Rest', 'What is in no other column, as JSON', -1),
  ];
}

/** Whether to return what there is; what is left is passed again. */
// @ts-ignore: decorator
@inline
function isEnough(out: Items): bool {
  return out.full && out.count > 0;
}

export function create(): Parser {
  return new TextFormat();
}
