/** Plugins for tests, built by the SDK: a byte-source that counts, and a parser that traps on a word. */
import { buildPlugin } from '@chipmunk-host/sdk';

/** Delivers `count` lines, each a number, and then ends, or fails with `failure`. */
const COUNTER = `
  import { ByteSource, Config, InitError, log, Output, Schema, Version } from '@chipmunk-host/sdk/assembly';

  class Counter extends ByteSource {
    private at: i32 = 0;
    private count: i32 = 0;
    private failure: string = '';

    version(): Version {
      return new Version(1, 2, 3);
    }

    schemas(): Schema[] {
      return [Schema.integer('count', 'Lines', 3), Schema.text('failure', 'What happens at the end', '')];
    }

    init(config: Config): InitError | null {
      this.count = config.integer('count', 3);
      this.failure = config.text('failure');
      if (this.failure == 'init') return InitError.config('no counting today');
      log.info('counting');
      return null;
    }

    read(length: usize, out: Output): void {
      if (this.at == this.count) {
        if (this.failure == 'read') out.other('the counter is broken');
        if (this.failure == 'loop') while (true) {}
        return;
      }
      this.at++;
      out.array(Uint8Array.wrap(String.UTF8.encode(this.at.toString() + '\\n')));
    }
  }

  export function create(): ByteSource {
    return new Counter();
  }
`;

/** Lines as they are; a line that begins with 'B' traps, one that begins with 'L' never ends, one with 'M' takes 64 MiB. */
const FRAGILE = `
  import { Config, InitError, Input, Items, Parser, Version } from '@chipmunk-host/sdk/assembly';

  class Fragile extends Parser {
    version(): Version {
      return new Version(4, 5, 6);
    }

    init(config: Config): InitError | null {
      return null;
    }

    parse(input: Input, out: Items): void {
      let line = input.start;
      for (let at = line; at < input.end && !out.full; at++) {
        if (load<u8>(at) != 10) continue;
        const first = load<u8>(line);
        if (first == 0x42) unreachable();
        if (first == 0x4c) while (true) {}
        if (first == 0x4d) new Uint8Array(64 * 1024 * 1024);
        out.line(line, at - line, at + 1 - line);
        line = at + 1;
      }
      if (line == input.start) out.incomplete();
    }
  }

  export function create(): Parser {
    return new Fragile();
  }
`;

export async function buildCounter(): Promise<Uint8Array> {
  return (await buildPlugin({ kind: 'bytesource', name: 'counter', source: COUNTER, debug: true })).component;
}

export async function buildFragile(): Promise<Uint8Array> {
  return (await buildPlugin({ kind: 'parser', name: 'fragile', source: FRAGILE, debug: true })).component;
}
