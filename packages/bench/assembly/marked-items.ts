/** A parser that accepts only what begins with a mark: every other byte is a parse error, and is dropped alone. */
import { Input, Items, Parser, Version } from '@chipmunk-host/sdk/assembly';

const MARK: u8 = 0x49;
/** Bytes of an item, its mark among them. */
const ITEM_BYTES: usize = 10;

class MarkedItems extends Parser {
  version(): Version {
    return new Version(0, 1, 0);
  }

  parse(input: Input, out: Items): void {
    const start = input.start;
    if (load<u8>(start) != MARK) out.parseError('no mark');
    else if (input.end - start < ITEM_BYTES) out.incomplete();
    else out.line(start, ITEM_BYTES, ITEM_BYTES);
  }
}

export function create(): Parser {
  return new MarkedItems();
}
