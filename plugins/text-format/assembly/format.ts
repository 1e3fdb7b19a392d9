/** How matched lines are shown: which group is in which column. */
import { Column, Items, Pattern, TextWriter } from '@chipmunk-host/sdk/assembly';
import { Preset } from './presets';
import { FACILITIES, priorityAt, SEVERITIES, Word } from './priorities';
import { writeRest } from './rest';

const SOURCE_BYTES: usize = 4;

/** What a column shows that shows no group. */
export const enum Source {
  Nothing = -1,
  Severity = -2,
  Facility = -3,
  /** The groups that no column shows, as JSON. */
  Rest = -4,
}

export class Format {
  readonly captions: Column[] = [];
  /** The column of lines that do not match. */
  messageColumn: i32 = 0;
  /** The group of the time; -1: there is none. */
  readonly timeGroup: i32;
  private readonly priorityGroup: i32;
  private sources: StaticArray<i32> = new StaticArray<i32>(0);
  /** Whether each column shows a group, or nothing. */
  private isPlain: bool = true;
  /** Groups that no column shows. */
  private readonly others: i32[] = [];

  constructor(
    readonly pattern: Pattern,
    readonly continues: bool,
  ) {
    const time = pattern.groups.indexOf('timestamp');
    this.timeGroup = time >= 0 ? time : pattern.groups.indexOf('time');
    this.priorityGroup = pattern.groups.indexOf('priority');
  }

  /** A column for each group, in their order. */
  static ofGroups(pattern: Pattern): Format {
    const format = new Format(pattern, true);
    const shown: i32[] = [];
    for (let i = 0; i < pattern.groups.length; i++) {
      format.captions.push(new Column(pattern.groups[i], 'The group of this name', -1));
      shown.push(i);
    }
    format.show(shown, 'message');
    return format;
  }

  static ofPreset(preset: Preset, pattern: Pattern): Format {
    const format = new Format(pattern, preset.continues);
    const columns = preset.columns.split(', ');
    const shown: i32[] = [];
    for (let i = 0; i < columns.length; i++) {
      const parts = columns[i].split('=');
      format.captions.push(new Column(parts[1], '', parts[0] == 'message' || parts[0] == 'request' ? 600 : 120));
      shown.push(format.sourceOf(parts[0]));
    }
    format.show(shown, pattern.groups.includes('message') ? 'message' : 'request');
    return format;
  }

  /** The common columns, and the rest. */
  static common(preset: Preset, pattern: Pattern): Format {
    const format = new Format(pattern, preset.continues);
    const shown: i32[] = [format.timeGroup];
    const names = preset.common.split(',');
    for (let i = 0; i < names.length; i++) shown.push(format.sourceOf(names[i]));
    if (format.priorityGroup >= 0) shown.push(format.priorityGroup);
    for (let i = 0; i < pattern.groups.length; i++) {
      if (!shown.includes(i)) format.others.push(i);
    }
    if (format.priorityGroup >= 0) shown.pop();
    shown.push(Source.Rest);
    format.show(shown, names[2]);
    return format;
  }

  get columns(): i32 {
    return this.sources.length;
  }

  /** Writes the addresses and lengths of the columns of what was matched last; returns where they lie. */
  // @ts-ignore: decorator
  @inline
  take(out: Items, writer: TextWriter): usize {
    const count = this.columns;
    const pairs = out.reserveColumns(count);
    const spans = this.pattern.spans;
    const sources = changetype<usize>(this.sources);
    if (!this.isPlain) {
      this.takeMade(pairs, writer);
      return pairs;
    }
    for (let i: usize = 0; i < <usize>count; i++) {
      const span = spans + ((<usize>load<i32>(sources + i * SOURCE_BYTES)) << 3);
      const start = load<usize>(span);
      store<u64>(pairs + (i << 3), <u64>start | ((<u64>(load<usize>(span, 4) - start)) << 32));
    }
    return pairs;
  }

  private takeMade(pairs: usize, writer: TextWriter): void {
    const priority =
      this.priorityGroup >= 0
        ? priorityAt(this.pattern.start(this.priorityGroup), this.pattern.length(this.priorityGroup))
        : -1;
    for (let i = 0; i < this.columns; i++) {
      const source = this.sources[i];
      let start: usize = 0;
      let length: usize = 0;
      if (source >= 0) {
        start = this.pattern.start(source);
        length = this.pattern.length(source);
      } else if (source == Source.Rest) {
        start = writeRest(writer, this.pattern, this.others, priority);
        length = writer.start - start;
      } else if (source != Source.Nothing && priority >= 0) {
        const word: Word = source == Source.Severity ? SEVERITIES[priority & 7] : FACILITIES[priority >> 3];
        start = word.at;
        length = word.length;
      }
      store<usize>(pairs + ((<usize>i) << 3), start);
      store<usize>(pairs + ((<usize>i) << 3), length, 4);
    }
  }

  private sourceOf(name: string): i32 {
    if (name == '') return Source.Nothing;
    if (name == 'severity') return Source.Severity;
    if (name == 'facility') return Source.Facility;
    return this.pattern.groups.indexOf(name);
  }

  private show(sources: i32[], message: string): void {
    this.sources = new StaticArray<i32>(sources.length);
    const group = this.pattern.groups.indexOf(message);
    this.messageColumn = sources.length - 1;
    for (let i = 0; i < sources.length; i++) {
      this.sources[i] = sources[i];
      if (sources[i] < 0) this.isPlain = false;
      if (sources[i] == group && group >= 0) this.messageColumn = i;
    }
  }
}
