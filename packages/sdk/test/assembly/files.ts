/** A byte-source that answers with what it found out about one path: what it is asked for is its configuration. */
import { ByteSource, Config, File, InitError, Output, readDirectory, Version } from '@chipmunk-host/sdk/assembly';

class Files extends ByteSource {
  private file: File | null = null;
  private ask: string = '';
  private path: string = '';
  private position: i32 = 0;

  version(): Version {
    return new Version(0, 0, 1);
  }

  init(config: Config): InitError | null {
    this.ask = config.text('ask');
    this.path = config.text('path');
    this.position = config.integer('position');
    if (this.ask == 'list') return null;
    const result = File.open(this.path);
    if (result.error !== null) return InitError.io(result.error!);
    this.file = result.file;
    return null;
  }

  read(length: usize, out: Output): void {
    if (this.ask == 'list') {
      const result = readDirectory(this.path);
      if (result.error !== null) return out.io(result.error!);
      const names: string[] = [];
      for (let i = 0; i < result.entries.length; i++) {
        const entry = result.entries[i];
        names.push(entry.name + (entry.isDirectory ? '/' : entry.isFile ? '' : '?'));
      }
      return out.text(names.sort().join(' '));
    }
    const file = this.file!;
    if (this.ask == 'close') {
      file.close();
      file.close();
    }
    if (this.ask == 'size') {
      const size = file.size;
      return size < 0 ? out.io(file.error!) : out.text(size.toString());
    }
    const at = out.reserve(length);
    const count = file.read(at, length, <u64>this.position);
    if (count < 0) return out.io(file.error!);
    out.bytes(at, count);
  }
}

export function create(): ByteSource {
  return new Files();
}
