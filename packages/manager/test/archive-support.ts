/** Archives as nobody should make them: entries with any name, type and size, written by hand where no tool would. */
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { packTar, type TarHeader } from 'modern-tar';

export interface TestEntry {
  readonly name: string;
  readonly content?: Uint8Array | string;
  /** Default: a file. */
  readonly type?: TarHeader['type'];
  readonly linkname?: string;
}

export async function tgz(entries: readonly TestEntry[]): Promise<Uint8Array> {
  return gzipSync(await tar(entries));
}

export function tar(entries: readonly TestEntry[]): Promise<Uint8Array> {
  return packTar(
    entries.map(({ name, content = '', type = 'file', linkname }) => {
      const data = Buffer.from(content);
      const header = { name, type, size: data.length, ...(linkname === undefined ? {} : { linkname }) };
      return { header, ...(type === 'file' ? { data } : {}) };
    }),
  );
}

const UNIX_TYPES = { file: 0o100644, directory: 0o040755, symlink: 0o120777, fifo: 0o010644 } as const;

export interface ZipOptions {
  /** What the table of contents says of the sizes, in place of the truth. */
  readonly claimedBytes?: number;
  readonly encrypted?: boolean;
}

/** https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16 */
export function zip(entries: readonly TestEntry[], options: ZipOptions = {}): Uint8Array {
  const parts: Buffer[] = [];
  const table: Buffer[] = [];
  let offset = 0;
  for (const { name, content = '', type = 'file', linkname = '' } of entries) {
    const data = Buffer.from(type === 'symlink' ? linkname : content);
    const packed = deflateRawSync(data);
    const path = Buffer.from(name);
    const sizes = Buffer.alloc(16);
    // Flags: UTF-8, and whether it is encrypted.
    const flags = 0x0800 | (options.encrypted === true ? 1 : 0);
    sizes.writeUInt32LE(crc32(data), 0);
    sizes.writeUInt32LE(packed.length, 4);
    sizes.writeUInt32LE(options.claimedBytes ?? data.length, 8);
    sizes.writeUInt16LE(path.length, 12);
    const local = Buffer.alloc(14);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(20, 4);
    local.writeUInt16LE(flags, 6);
    local.writeUInt16LE(8, 8);
    parts.push(local, sizes, path, packed);
    const head = Buffer.alloc(16);
    head.writeUInt32LE(0x02014b50, 0);
    // Made on Unix, so that the attributes have the type.
    head.writeUInt16LE((3 << 8) | 20, 4);
    head.writeUInt16LE(20, 6);
    head.writeUInt16LE(flags, 8);
    head.writeUInt16LE(8, 10);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((UNIX_TYPES[type as keyof typeof UNIX_TYPES] << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    table.push(head, sizes, tail, path);
    offset += local.length + sizes.length + path.length + packed.length;
  }
  const tableBytes = table.reduce((sum, part) => sum + part.length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(tableBytes, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...table, end]);
}

/** One header of a tar archive, by hand. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html, ustar */
export function tarHeader(name: string, size: number, type: string): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644', 100);
  header.write(size.toString(8).padStart(11, '0'), 124);
  header.write('00000000000', 136);
  header.write('        ', 148);
  header.write(type, 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** The same archive with an end of ZIP64, which may lie. APPNOTE.TXT, sections 4.3.14 and 4.3.15 */
export function zip64(archive: Uint8Array, lies: { readonly entries?: bigint; readonly tableOffset?: bigint }): Buffer {
  const end = Buffer.from(archive.subarray(-22));
  const head = archive.subarray(0, -22);
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeUInt16LE(45, 12);
  record.writeUInt16LE(45, 14);
  const entries = lies.entries ?? BigInt(end.readUInt16LE(10));
  record.writeBigUInt64LE(entries, 24);
  record.writeBigUInt64LE(entries, 32);
  record.writeBigUInt64LE(BigInt(end.readUInt32LE(12)), 40);
  record.writeBigUInt64LE(lies.tableOffset ?? BigInt(end.readUInt32LE(16)), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(head.length), 8);
  locator.writeUInt32LE(1, 16);
  end.writeUInt16LE(0xffff, 8);
  end.writeUInt16LE(0xffff, 10);
  end.writeUInt32LE(0xffff_ffff, 12);
  end.writeUInt32LE(0xffff_ffff, 16);
  return Buffer.concat([head, record, locator, end]);
}
