/**
 * A byte-source for tests that delivers lines which follow from their position, and fails as its configuration says: a list of
 * `POSITION:MOST:KIND`, which makes each read fail that takes in the byte at POSITION and is asked for more than MOST bytes.
 */

export const FAULTY_SOURCE = `
  import {
    ByteSource, Config, File, InitError, log, Output, Schema, tempDirectory, Version,
  } from '@chipmunk-host/sdk/assembly';

  let zero: i32 = 0;
  let sink: i32 = 0;

  function recurse(depth: i32): i32 {
    return depth == -1 ? 0 : recurse(depth + 1) + zero + 1;
  }

  class Fault {
    constructor(public at: i32, public most: i32, public kind: string) {}
  }

  class FaultySource extends ByteSource {
    private at: i32 = 0;
    private bytes: i32 = 0;
    private most: i32 = 0;
    private drift: i32 = 0;
    private every: i32 = 0;
    private reads: i32 = 0;
    private switch: string = '';
    private faults: Fault[] = [];

    version(): Version {
      return new Version(1, 0, 0);
    }

    schemas(): Schema[] {
      return [
        Schema.integer('bytes', 'Bytes', 0),
        Schema.integer('most', 'Most at once', 0x7fffffff),
        Schema.text('faults', 'Faults'),
        Schema.files('switch', 'While this file says so (loop, trap), a read behind byte 1,000 does that, and a start traps'),
        Schema.integer('idle', 'Every read but each so many comes back empty', 0),
      ];
    }

    init(config: Config): InitError | null {
      this.bytes = config.integer('bytes', 0);
      this.most = config.integer('most', 0x7fffffff);
      this.every = config.integer('idle', 0);
      const paths = config.files('switch');
      if (paths.length > 0) this.switch = paths[0];
      if (this.switch != '') {
        const said = this.said();
        if (said == 'stale') this.drift = 1;
        if (said == 'no-start') unreachable();
        if (said == 'refuse') return InitError.io('the switch says no');
      }
      const text = config.text('faults');
      if (text == '') return null;
      const parts = text.split(' ');
      for (let i = 0; i < parts.length; i++) {
        const fields = parts[i].split(':');
        this.faults.push(new Fault(<i32>parseInt(fields[0]), <i32>parseInt(fields[1]), fields[2]));
      }
      return null;
    }

    read(length: usize, out: Output): void {
      const asked = <i32>min<usize>(length, 0x7fffffff);
      const count = min<i32>(min<i32>(this.bytes - this.at, this.most), asked);
      for (let i = 0; i < this.faults.length; i++) {
        const fault = this.faults[i];
        // Also behind the last byte.
        if (asked <= fault.most || fault.at < this.at || fault.at >= this.at + max(count, 1)) continue;
        this.fail(fault.kind, asked, out);
        return;
      }
      if (this.switch != '' && this.at >= 1000) {
        const said = this.said();
        if (said != '' && this.drift == 0) {
          log.error('the switch says ' + said);
          this.fail(said, asked, out);
        }
      }
      if (this.every > 0 && ++this.reads % this.every != 0) return;
      const bytes = out.reserve(count);
      for (let i = 0; i < count; i++, this.at++) {
        store<u8>(bytes + i, this.at % 20 == 19 ? 10 : 97 + ((this.at >> 2) * 7 + this.drift) % 26);
      }
      out.bytes(bytes, count);
    }

    private said(): string {
      const result = File.open(this.switch);
      if (result.file === null) return '';
      const text = new Uint8Array(20);
      const count = result.file!.read(text.dataStart, 20, 0);
      result.file!.close();
      return String.UTF8.decodeUnsafe(text.dataStart, count);
    }

    private fail(kind: string, asked: i32, out: Output): void {
      if (kind == 'trap' || kind == 'stale' || kind == 'no-start' || kind == 'refuse') unreachable();
      else if (kind == 'bounds') sink = load<i32>(0xffff_fff0);
      else if (kind == 'divide') sink = 1 / zero;
      else if (kind == 'recurse') sink = recurse(0);
      else if (kind == 'throw') throw new Error('the source throws');
      else if (kind == 'loop') while (zero == 0) sink++;
      else if (kind == 'memory') {
        while (memory.grow(128) != -1) {}
        throw new Error('no memory is left');
      }
      else if (kind == 'too-much') out.array(new Uint8Array(asked + 1));
      else if (kind == 'temp') {
        tempDirectory();
        unreachable();
      }
    }
  }

  export function create(): ByteSource {
    return new FaultySource();
  }
`;

/** What it delivers. */
export function sourceBytes(byteLength: number): Uint8Array {
  return Uint8Array.from({ length: byteLength }, (_, at) => (at % 20 === 19 ? 10 : 97 + (((at >> 2) * 7) % 26)));
}
