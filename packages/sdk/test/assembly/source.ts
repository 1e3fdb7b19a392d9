/** A byte-source that counts down the reads that its configuration asks for, then fails or ends. */
import { ByteSource, Config, InitError, log, Output, Schema, Version } from '@chipmunk-host/sdk/assembly';

class Source extends ByteSource {
  private reads: i32 = 0;
  private ending: string = '';

  version(): Version {
    return new Version(0, 0, 1);
  }

  schemas(): Schema[] {
    return [Schema.integer('reads', 'Reads', 3)];
  }

  init(config: Config): InitError | null {
    this.reads = config.integer('reads', 3);
    this.ending = config.text('ending');
    log.debug('ready');
    return null;
  }

  read(length: usize, out: Output): void {
    if (this.reads == 0) {
      if (this.ending == 'io') out.io('no disk');
      if (this.ending == 'unsupported') out.unsupported('no way');
      if (this.ending == 'other') out.other('no idea');
      return;
    }
    this.reads--;
    if (this.reads == 0) {
      out.text('ä' + String.fromCharCode(0xdc00));
    } else if (this.reads == 1) {
      out.array(new Uint8Array(3).fill(7));
    } else {
      const at = out.reserve(length);
      memory.fill(at, 120, length);
      out.bytes(at, length);
    }
  }
}

export function create(): ByteSource {
  return new Source();
}
