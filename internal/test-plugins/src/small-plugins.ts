/** Plugins for tests, built by the SDK: a byte-source that counts, parsers that trap, join columns, find errors, or write escape sequences. */
import { keptPlugin } from './kept-plugin.mjs';

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

/** Writes the sequence that sets a terminal's title, and a line that looks like the program's own, where `where` says. */
const ESCAPER = `
  import { Config, InitError, Input, Items, log, Parser, Schema, Version } from '@chipmunk-host/sdk/assembly';

  const TEXT = 'evil\\x1b]0;owned\\x07\\x1b[2J\\u202e\\u009b1m\\nerror FORGED: ' + 'x'.repeat(5000);

  class Escaper extends Parser {
    private where: string = '';

    version(): Version {
      return new Version(1, 0, 0);
    }

    schemas(): Schema[] {
      return [Schema.text('where', 'Where it writes it', '')];
    }

    init(config: Config): InitError | null {
      this.where = config.text('where');
      if (this.where == 'init') return InitError.other(TEXT);
      if (this.where == 'log') log.info(TEXT);
      return null;
    }

    parse(input: Input, out: Items): void {
      if (this.where == 'unrecoverable') out.unrecoverable(TEXT);
      else out.line(input.start, input.end - input.start, input.end - input.start);
    }
  }

  export function create(): Parser {
    return new Escaper();
  }
`;

/**
 * Lines of fields with a tab between two of them, which leave the plugin joined by U+0004; three columns are named. A line that
 * begins with '@' has an attachment of its bytes, one that begins with '!' traps.
 */
const JOINER = `
  import {
    Attachment, Column, Config, InitError, Input, Items, Parser, RenderOptions, Version,
  } from '@chipmunk-host/sdk/assembly';

  class Joiner extends Parser {
    version(): Version {
      return new Version(7, 8, 9);
    }

    renderOptions(): RenderOptions | null {
      return new RenderOptions([new Column('Time', ''), new Column('Level', ''), new Column('Text', '')]);
    }

    init(config: Config): InitError | null {
      return null;
    }

    parse(input: Input, out: Items): void {
      let line = input.start;
      for (let at = line; at < input.end && !out.full; at++) {
        if (load<u8>(at) != 10) continue;
        this.put(line, at - line, out);
        line = at + 1;
      }
      if (line == input.start) out.incomplete();
    }

    private put(line: usize, length: usize, out: Items): void {
      const first = load<u8>(line);
      if (first == 0x21) unreachable();
      const text = out.reserve(length);
      for (let i: usize = 0; i < length; i++) {
        const byte = load<u8>(line + i);
        store<u8>(text + i, byte == 9 ? 4 : byte);
      }
      out.line(text, length, <u64>length + 1);
      if (first != 0x40) return;
      const attachment = new Attachment('line', <u64>length);
      attachment.content(line, length);
      out.attach(attachment);
    }
  }

  export function create(): Parser {
    return new Joiner();
  }
`;

/**
 * Lines as they are. For a line that begins with '?' there is a parse error whose text is what follows it, and the rest of it is a line. One
 * that begins with '!' traps.
 */
const PICKY = `
  import { Config, InitError, Input, Items, Parser, Version } from '@chipmunk-host/sdk/assembly';

  class Picky extends Parser {
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
        const first = load<u8>(line);
        if (first == 0x3f || first == 0x21) {
          if (out.count > 0) return;
          if (first == 0x21) unreachable();
          out.parseError(String.UTF8.decodeUnsafe(line + 1, at - line - 1));
          return;
        }
        out.line(line, at - line, <u64>(at + 1 - line));
        line = at + 1;
      }
      if (line == input.start) out.incomplete();
    }
  }

  export function create(): Parser {
    return new Picky();
  }
`;

export function buildCounter(): Promise<Uint8Array> {
  return keptPlugin({ kind: 'bytesource', name: 'counter', source: COUNTER, debug: true });
}

export function buildFragile(): Promise<Uint8Array> {
  return keptPlugin({ kind: 'parser', name: 'fragile', source: FRAGILE, debug: true });
}

export function buildJoiner(): Promise<Uint8Array> {
  return keptPlugin({ kind: 'parser', name: 'joiner', source: JOINER, debug: true });
}

export function buildPicky(): Promise<Uint8Array> {
  return keptPlugin({ kind: 'parser', name: 'picky', source: PICKY, debug: true });
}

export function buildEscaper(): Promise<Uint8Array> {
  return keptPlugin({ kind: 'parser', name: 'escaper', source: ESCAPER, debug: true });
}
