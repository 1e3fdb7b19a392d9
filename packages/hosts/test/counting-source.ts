/** A byte-source for tests: it delivers bytes that follow from their position, and ends as its configuration says. */

export const COUNTING_SOURCE = `
  import { ByteSource, Config, InitError, log, Output, Schema, tempDirectory, Version } from '@chipmunk-host/sdk/assembly';

  function recurse(depth: i32): i32 {
    return depth < 0 ? 0 : recurse(depth + 1) + depth;
  }

  class Counting extends ByteSource {
    private left: i32 = 0;
    private most: i32 = 0;
    private at: u32 = 0;
    private ending: string = '';

    version(): Version {
      return new Version(1, 2, 3);
    }

    schemas(): Schema[] {
      return [
        Schema.integer('bytes', 'Bytes', 0),
        Schema.integer('most', 'Most at once', 0x7fffffff),
        Schema.text('ending', 'What happens behind the last byte', ''),
      ];
    }

    init(config: Config): InitError | null {
      this.left = config.integer('bytes', 0);
      this.most = config.integer('most', 0x7fffffff);
      this.ending = config.text('ending');
      if (this.ending == 'no-init') return InitError.config('not like this');
      if (this.ending == 'trap-in-init') unreachable();
      if (this.ending == 'loop-in-init') while (true) {}
      log.info('ready');
      return null;
    }

    read(length: usize, out: Output): void {
      if (this.left == 0) return this.end(length, out);
      const count = min<i32>(min<i32>(this.left, this.most), <i32>min<usize>(length, 0x7fffffff));
      const bytes = out.reserve(count);
      for (let i = 0; i < count; i++) {
        store<u8>(bytes + i, (this.at * 31 + (this.at >> 8) * 7) as u8);
        this.at++;
      }
      this.left -= count;
      out.bytes(bytes, count);
    }

    private end(length: usize, out: Output): void {
      log.info('the end is near');
      if (this.ending == 'io') out.io('no more of this');
      if (this.ending == 'unsupported') out.unsupported('no more of this');
      if (this.ending == 'other') out.other('no more of this');
      if (this.ending == 'trap') unreachable();
      if (this.ending == 'recurse') this.left = recurse(0);
      if (this.ending == 'loop') while (true) {}
      if (this.ending == 'temp') tempDirectory();
      if (this.ending == 'too-much') out.array(new Uint8Array(<i32>length + 1));
    }
  }

  export function create(): ByteSource {
    return new Counting();
  }
`;

export function countedBytes(byteLength: number): Uint8Array {
  return Uint8Array.from({ length: byteLength }, (_, at) => (at * 31 + (at >> 8) * 7) & 0xff);
}
