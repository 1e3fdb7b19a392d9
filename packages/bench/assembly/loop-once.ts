/**
 * A parser of lines of which every second call never returns: an instance delivers one window, loops in the next, and the instance that
 * takes its place goes on there. It logs when a call begins.
 */
import { Input, Items, log, Parser, Version } from '@chipmunk-host/sdk/assembly';

const LF: u8 = 10;

// A variable, so that the compiler does not see what comes of it.
let zero: i32 = 0;
let _sink: i32 = 0;

class LoopOnce extends Parser {
  private calls: i32 = 0;

  version(): Version {
    return new Version(0, 1, 0);
  }

  parse(input: Input, out: Items): void {
    log.error('call');
    if (++this.calls % 2 == 0) while (zero == 0) _sink++;
    let line = input.start;
    for (let at = line; at < input.end; at++) {
      if (load<u8>(at) != LF) continue;
      out.line(line, at - line, at + 1 - line);
      line = at + 1;
    }
  }
}

export function create(): Parser {
  return new LoopOnce();
}
