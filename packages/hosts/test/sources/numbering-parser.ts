/** A parser with state: each line in two columns, its number and its text. A last line without a line break counts. */
import { keptPlugin } from '@chipmunk-host/test-plugins';

const SOURCE = `
  import { Config, InitError, Input, Items, Parser, Version } from '@chipmunk-host/sdk/assembly';

  class Numbering extends Parser {
    private lines: i32 = 0;
    /** Bytes that it left: as many again are the end of the input. */
    private rest: usize = 0;

    version(): Version {
      return new Version(1, 0, 0);
    }

    init(config: Config): InitError | null {
      return null;
    }

    parse(input: Input, out: Items): void {
      let line = input.start;
      for (let at = line; at < input.end && !out.full; at++) {
        if (load<u8>(at) != 10) continue;
        this.add(line, at - line, at + 1 - line, out);
        line = at + 1;
      }
      if (line == input.start && this.rest == input.length) {
        this.add(line, input.length, input.length, out);
        line = input.end;
      }
      this.rest = input.end - line;
      if (line == input.start) out.incomplete();
    }

    private add(line: usize, length: usize, consumed: usize, out: Items): void {
      this.lines++;
      out.columns([this.lines.toString(), String.UTF8.decodeUnsafe(line, length)], consumed);
    }
  }

  export function create(): Parser {
    return new Numbering();
  }
`;

export function numberingParser(): Promise<Uint8Array> {
  return keptPlugin({ kind: 'parser', name: 'numbering', source: SOURCE });
}
