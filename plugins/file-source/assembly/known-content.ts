/** What a file had in it when it was opened, to notice that it was cut or written anew while it is read. What is appended leaves it. */
import { File } from '@chipmunk-host/sdk/assembly';

const SAMPLE_BYTES: i64 = 4096;

/** A few bytes of a file. */
class Sample {
  private bytes: Uint8Array;
  private again: Uint8Array;

  constructor(
    file: File,
    private position: u64,
    length: i32,
  ) {
    this.bytes = new Uint8Array(length);
    this.again = new Uint8Array(length);
    const count = file.read(this.bytes.dataStart, length, position);
    if (count != length) this.bytes = new Uint8Array(0);
  }

  isThere(file: File): bool {
    const length = this.bytes.length;
    if (length == 0) return true;
    if (file.read(this.again.dataStart, length, this.position) != length) return false;
    return memory.compare(this.bytes.dataStart, this.again.dataStart, <usize>length) == 0;
  }
}

export class KnownContent {
  /** The largest size that was seen. */
  private size: i64;
  private start: Sample;
  private end: Sample;

  constructor(private file: File) {
    const size = max<i64>(file.size, 0);
    const length = min(size, SAMPLE_BYTES);
    this.size = size;
    this.start = new Sample(file, 0, <i32>length);
    this.end = new Sample(file, <u64>(size - length), <i32>length);
  }

  /** What has become of the file; null when it has what it had. What was read before this is asked is part of it only then. */
  fault(): string | null {
    const size = this.file.size;
    if (size < 0) return this.file.error!;
    if (size < this.size) return 'it was cut to ' + size.toString() + ' bytes, and had ' + this.size.toString();
    this.size = size;
    return this.start.isThere(this.file) && this.end.isThere(this.file) ? null : 'it was written anew';
  }
}
