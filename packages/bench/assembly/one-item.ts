/** A parser that returns one line a call, however long the slice is: what some plugins do, and what windows are shortened for. */
import { Input, Items, Parser, Version } from '@chipmunk-host/sdk/assembly';

const LF: u8 = 10;

class OneItem extends Parser {
  version(): Version {
    return new Version(0, 1, 0);
  }

  parse(input: Input, out: Items): void {
    const start = input.start;
    for (let at = start; at < input.end; at++) {
      if (load<u8>(at) != LF) continue;
      out.line(start, at - start, at + 1 - start);
      return;
    }
    out.incomplete();
  }
}

export function create(): Parser {
  return new OneItem();
}
