/**
 * Patterns with named groups, as JavaScript's regular expressions have them, which match a text in time that grows with its length alone.
 *
 *     const compiled = Pattern.compile('(?<level>\\w+): (?<message>.*)');
 *     if (compiled.error != '') return InitError.config(`pattern: ${compiled.error}`);
 *     ...
 *     if (pattern.match(line, end)) out.column(pattern.start(0), pattern.length(0));
 */
import { allocateBlock } from '../blocks';
import { Matcher } from './matcher';
import { PatternReader } from './pattern-reader';
import { Program } from './program';

const SPAN_BYTES: usize = 8;

/** A pattern, or why it is none. */
export class PatternResult {
  constructor(
    /** Null when there is an error. */
    readonly pattern: Pattern | null,
    /** Says what is wrong with the text and where; empty when nothing is. */
    readonly error: string,
  ) {}
}

export class Pattern {
  /** For each group where it begins and where it ends, four bytes each; 0 where it took no part. */
  readonly spans: usize;

  private constructor(
    private readonly matcher: Matcher,
    /** The names of the groups, in the order in which they begin. */
    readonly groups: string[],
  ) {
    this.spans = matcher.spans;
  }

  static compile(text: string): PatternResult {
    const reader = new PatternReader(text);
    const root = reader.read();
    if (reader.error != '') return new PatternResult(null, reader.error);
    const program = new Program(root);
    if (program.isTooLong) return new PatternResult(null, 'it is too long with all its repetitions');
    const spanBytes = <usize>reader.groups.length * SPAN_BYTES;
    const matcher = new Matcher(program.code, program.rows, allocateBlock(spanBytes), spanBytes);
    return new PatternResult(new Pattern(matcher, reader.groups), '');
  }

  /**
   * Whether the whole text from `at` up to `end` is one that the pattern describes. It must be valid UTF-8; up to 16 bytes behind it are read.
   * A text for which 64 MiB of notes are not enough is none.
   */
  // @ts-ignore: decorator
  @inline
  match(at: usize, end: usize): bool {
    return this.matcher.match(at, end);
  }

  /** Where the group begins in the text that was matched last; 0: it took no part. */
  // @ts-ignore: decorator
  @inline
  start(group: i32): usize {
    return load<usize>(this.spans + <usize>group * SPAN_BYTES);
  }

  /** How many bytes of the text are in the group. */
  // @ts-ignore: decorator
  @inline
  length(group: i32): usize {
    const span = this.spans + <usize>group * SPAN_BYTES;
    return load<usize>(span, 4) - load<usize>(span);
  }
}
