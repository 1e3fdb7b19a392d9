/** What the functions for numbers and texts make of the bytes of a slice: the first one says which function. */
import {
  ByteBuffer,
  Config,
  f32At,
  f64At,
  findPattern,
  InitError,
  Input,
  Items,
  MOST_DIGITS,
  MOST_FLOAT_BYTES,
  MOST_TEXT_GROWTH,
  MOST_TIME_BYTES,
  Parser,
  TextWriter,
  u16At,
  u32At,
  u64At,
  utf8Sequence,
  Version,
  validUtf8End,
  writeCodePoint,
  writeDateTime,
  writeF32,
  writeF64,
  writeHexByte,
  writeI32,
  writeI64,
  writeI128,
  writeLatin1,
  writeMendedUtf8,
  writeNanoseconds,
  writePadded,
  writeU32,
  writeU64,
  writeU128,
} from '@chipmunk-host/sdk/assembly';

class Texts extends Parser {
  private readonly writer: TextWriter = new TextWriter();
  private readonly kept: ByteBuffer = new ByteBuffer();

  version(): Version {
    return new Version(1, 0, 0);
  }

  init(_config: Config): InitError | null {
    return null;
  }

  parse(input: Input, out: Items): void {
    this.writer.reset();
    const at = input.start + 1;
    const end = input.end;
    switch (load<u8>(input.start)) {
      case 98: // b
        this.readNumbers(at, out, input.length);
        break;
      case 100: // d
        this.writeNumbers(at, out, input.length);
        break;
      case 102: // f
        this.writeFloats(at, out, input.length);
        break;
      case 119: // w
        this.growTexts(at, end, out, input.length);
        break;
      case 107: // k
        this.kept.append(at, end - at);
        out.line(this.kept.start, this.kept.length, input.length);
        break;
      case 75: // K
        this.kept.free();
        out.lineString(`${this.kept.length} of ${this.kept.capacity}`, input.length);
        break;
      default:
        this.writeText(load<u8>(input.start), at, end, out, input.length);
    }
  }

  private readNumbers(at: usize, out: Items, consumed: u64): void {
    const texts: string[] = [];
    for (let order = 0; order < 2; order++) {
      const bigEndian = order == 1;
      texts.push(u16At(at, bigEndian).toString());
      texts.push(u32At(at, bigEndian).toString());
      texts.push(u64At(at, bigEndian).toString());
      texts.push(reinterpret<u32>(f32At(at, bigEndian)).toString());
      texts.push(reinterpret<u64>(f64At(at, bigEndian)).toString());
    }
    out.columns(texts, consumed);
  }

  private writeNumbers(at: usize, out: Items, consumed: u64): void {
    const low = load<u64>(at);
    const high = load<u64>(at, 8);
    out.beginColumns(7);
    for (let kind = 0; kind < 7; kind++) {
      const target = out.reserve(MOST_DIGITS);
      let end = target;
      if (kind == 0) end = writeU32(target, <u32>low);
      else if (kind == 1) end = writeI32(target, <i32>low);
      else if (kind == 2) end = writeU64(target, low);
      else if (kind == 3) end = writeI64(target, low);
      else if (kind == 4) end = writeU128(target, low, high);
      else if (kind == 5) end = writeI128(target, low, high);
      else end = writePadded(target, <u32>low, <usize>(high & 15));
      out.column(target, end - target);
    }
    out.endColumns(consumed);
  }

  private writeFloats(at: usize, out: Items, consumed: u64): void {
    out.beginColumns(2);
    const double = out.reserve(MOST_FLOAT_BYTES);
    out.column(double, writeF64(double, load<f64>(at)) - double);
    const single = out.reserve(MOST_FLOAT_BYTES);
    out.column(single, writeF32(single, load<f32>(at)) - single);
    out.endColumns(consumed);
  }

  /** A text for each two bytes, of as many letters as they say, which is begun with room for one. */
  private growTexts(at: usize, end: usize, out: Items, consumed: u64): void {
    const writer = this.writer;
    out.beginColumns(<i32>((end - at) >> 1));
    for (; at + 2 <= end; at += 2) {
      const letters = load<u16>(at);
      let to = writer.begin(1);
      for (let i: u32 = 0; i < letters; i++) {
        to = writer.grow(to, 1);
        store<u8>(to++, 97 + (i % 26));
      }
      out.column(writer.start, to - writer.start);
      writer.end(to);
    }
    out.endColumns(consumed);
  }

  private writeText(what: u32, at: usize, end: usize, out: Items, consumed: u64): void {
    const target = out.reserve((end - at) * MOST_TEXT_GROWTH + MOST_TIME_BYTES + MOST_DIGITS);
    let to = target;
    if (what == 108) to = writeLatin1(target, at, end);
    else if (what == 109) to = writeMendedUtf8(target, at, end);
    else if (what == 118) to = writeU32(target, <u32>(validUtf8End(at, end) - at));
    else if (what == 115) to = writeI32(target, utf8Sequence(at, end));
    else if (what == 99) to = writeCodePoint(target, load<u32>(at));
    else if (what == 116) to = writeNanoseconds(writeDateTime(target, load<u64>(at)), load<u32>(at, 8));
    else if (what == 112) to = writeU32(target, <u32>(findPattern(at + 4, end, load<u32>(at)) - (at + 4)));
    else for (; at < end; at++) to = writeHexByte(to, load<u8>(at));
    out.line(target, to - target, consumed);
  }
}

export function create(): Parser {
  return new Texts();
}
