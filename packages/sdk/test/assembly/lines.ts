/** A parser of lines that searches and checks them a block at a time. */
import { Config, InitError, Input, Items, isUtf8, LineFeeds, Parser, Version } from '@chipmunk-host/sdk/assembly';

class Lines extends Parser {
  private feeds: LineFeeds = new LineFeeds();

  version(): Version {
    return new Version(1, 0, 0);
  }

  init(_config: Config): InitError | null {
    return null;
  }

  parse(input: Input, out: Items): void {
    const feeds = this.feeds;
    let line = input.start;
    let at = line;
    while (at < input.end && !out.full) {
      at = feeds.find(at, input.end);
      const count = feeds.count;
      if (count == 0) continue;
      if (!isUtf8(line, feeds.at(count - 1))) {
        out.parseError(feeds.ascii ? 'not UTF-8 before an ASCII block' : 'not UTF-8');
        return;
      }
      line = out.lines(line, feeds);
    }
  }
}

export function create(): Parser {
  return new Lines();
}
