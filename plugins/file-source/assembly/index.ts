/** Delivers the bytes of one file that the host has granted. */
import { ByteSource, Config, File, InitError, log, Output, Schema, Version } from '@chipmunk-host/sdk/assembly';
import { KnownContent } from './known-content';

const INPUT_PATH = 'input-path';
/** One call delivers no more than this, whatever the host would take: it has to lie in memory. */
const MOST_BYTES: usize = 0x100000;

class FileSource extends ByteSource {
  private file: File | null = null;
  private content: KnownContent | null = null;
  private path: string = '';
  private position: u64 = 0;

  version(): Version {
    return new Version(0, 1, 0);
  }

  schemas(): Schema[] {
    return [Schema.files(INPUT_PATH, 'File').describe('The file to read.')];
  }

  init(config: Config): InitError | null {
    if (this.file !== null) this.file!.close();
    this.file = null;
    this.content = null;
    this.position = 0;

    const paths = config.files(INPUT_PATH);
    if (paths.length == 0) return InitError.io(`no file is configured: set ${INPUT_PATH}`);
    if (paths.length > 1) {
      return InitError.config(`${INPUT_PATH} names ${paths.length} files, but exactly one can be read`);
    }
    this.path = paths[0];
    const result = File.open(this.path);
    if (result.error !== null) return InitError.io(`cannot open '${this.path}': ${result.error!}`);
    this.file = result.file;
    this.content = new KnownContent(result.file!);
    log.debug(`reads '${this.path}'`);
    return null;
  }

  read(length: usize, out: Output): void {
    if (this.file === null) return out.other('the plugin has no file yet');
    const file = this.file!;
    const most = min(length, MOST_BYTES);
    const at = out.reserve(most);
    const count = file.read(at, <i32>most, this.position);
    if (count < 0) return out.io(`cannot read '${this.path}' at byte ${this.position}: ${file.error!}`);
    const fault = this.content!.fault();
    if (fault !== null) {
      return out.io(`cannot read '${this.path}' at byte ${this.position}, since it changed: ${fault}`);
    }
    this.position += count;
    out.bytes(at, count);
  }
}

export function create(): ByteSource {
  return new FileSource();
}
