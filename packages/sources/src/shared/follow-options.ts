/** A file that grows, as the input of a session: what can be said of it. */
import { type OptionTable, option } from '@chipmunk-host/runtime/internal/options';

/** A file that grows, and how it is followed. */
export interface FollowFileOptions {
  /** Path or file: URL. It need not be there yet. A symbolic link is followed, also when it is switched to another file. */
  readonly file: string | URL;
  /**
   * Where to begin in the file that is there at the start: at its `beginning`, at its `end`, or so many lines before its end. A file that
   * appears later is read from its beginning. Default: `beginning`.
   */
  readonly start?: 'beginning' | 'end' | number | undefined;
  /**
   * Whether the file is looked at again and again in place of waiting for the system to tell of changes: for file systems that do not tell, such as
   * those of a network. `true`: every 250 ms; a number: so many milliseconds. Default: the system tells, and it is looked at every 2 s in
   * case that it did not.
   */
  readonly poll?: boolean | number | undefined;
  /** The input ends when nothing has been appended for so many milliseconds. Infinity: never. Default: Infinity. */
  readonly idleMs?: number | undefined;
  /**
   * For how long a file that was rotated away must have been quiet before the next one is read, in milliseconds; and not before that one has
   * something: programs go on writing to the old file for a while. 0: as soon as the new file has something. Default: 1000.
   */
  readonly graceMs?: number | undefined;
  /**
   * What a rotation is to the parser. `segment`: an end of its input; the rest of the old file is reported, and the parser starts afresh with the new
   * one. `join`: nothing; the bytes of the new file follow those of the old one. Default: `segment`.
   */
  readonly rotation?: 'segment' | 'join' | undefined;
}

/** Timers take no more. */
const MOST_MS = 2 ** 31 - 1;

export const FOLLOW: OptionTable<FollowFileOptions> = {
  file: option.required(option.fileOrUrl),
  start: option.either(option.oneOf(['beginning', 'end']), option.whole(0, Number.MAX_SAFE_INTEGER)),
  poll: option.either(option.flag, option.whole(1, MOST_MS)),
  idleMs: option.timeLimit,
  graceMs: option.whole(0, MOST_MS),
  rotation: option.oneOf(['segment', 'join']),
};
