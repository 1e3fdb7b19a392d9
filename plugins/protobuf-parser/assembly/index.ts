/**
 * Messages of Protocol Buffers to rows, by a descriptor set.
 *
 * In a file each message has its length in front. A damaged length leads to where no message begins. That is noticed when what it covers is no
 * message; the search then goes on from byte to byte, up to a place at which two messages in a row fit.
 */
import {
  Column,
  Config,
  File,
  InitError,
  Input,
  Items,
  Parser,
  RenderOptions,
  Schema,
  TextWriter,
  Version,
  writeU32,
} from '@chipmunk-host/sdk/assembly';
import { Decoder } from './decoder';
import { DescriptorSet } from './descriptor-set';
import { Frame, Frames } from './frames';
import { writeBase64 } from './json-text';
import { MessageType, Word } from './message-type';
import { Types } from './types';

const FRAMINGS: string[] = ['length-delimited', 'datagram'];
const MOST_SET_BYTES: i64 = 0x4000000;
const COLUMNS: i32 = 3;
/** `… b not decoded` */
const STATUS_BYTES: usize = 64;
const MIB: usize = 1048576;
const MOST_MIB: i32 = 256;

class ProtobufParser extends Parser {
  private readonly writer: TextWriter = new TextWriter();
  private readonly decoder: Decoder = new Decoder(this.writer);
  private types: Types = new Types([new MessageType('')]);
  private frames: Frames = new Frames(this.types, MIB);
  private isDatagram: bool = false;
  private readonly fine: Word = new Word('OK');
  private readonly undecoded: Word = new Word('b not decoded');
  /** Bytes that the last call left. */
  private left: usize = 0;

  version(): Version {
    return new Version(0, 1, 0);
  }

  schemas(): Schema[] {
    return [
      Schema.files('descriptor-set', 'Descriptor sets').describe(
        'Files that protoc --descriptor_set_out --include_imports has written: they say what the messages are.',
      ),
      Schema.text('message', 'Message').describe(
        'Types of the messages, between commas: a.b.Name, or Name where only one has it. Empty: of all types the one that fits best.',
      ),
      Schema.dropdown('framing', 'Framing', FRAMINGS, FRAMINGS[0]).describe(
        'length-delimited: each message has its length in front, as a varint. datagram: each slice of a source is one message.',
      ),
      Schema.integer('most-mebibytes', 'Longest message, in MiB', 16).describe(
        'A length beyond that is taken as damaged: 1 to 256.',
      ),
    ];
  }

  renderOptions(): RenderOptions | null {
    return new RenderOptions(
      [
        new Column('Message', 'The type of the message', 150),
        new Column('Status', 'OK, or how many bytes are not decoded', 100),
        new Column('Payload', 'Its fields as JSON', -1),
      ],
      30,
      1200,
    );
  }

  init(config: Config): InitError | null {
    const framing = config.dropdown('framing', FRAMINGS[0]);
    const most = config.integer('most-mebibytes', 16);
    if (!FRAMINGS.includes(framing))
      return InitError.config(`framing: expected ${FRAMINGS.join(' or ')}, not '${framing}'`);
    if (most < 1 || most > MOST_MIB) return InitError.config(`most-mebibytes: expected 1 to ${MOST_MIB}, not ${most}`);
    const set = new DescriptorSet();
    const paths = config.files('descriptor-set');
    if (paths.length == 0) {
      return InitError.config(
        'descriptor-set: expected the path of a descriptor set, which protoc --descriptor_set_out --include_imports writes',
      );
    }
    for (let i = 0; i < paths.length; i++) {
      const error = addFile(set, paths[i]);
      if (error !== null) return error;
    }
    const missing = set.link();
    if (missing != '') {
      return InitError.config(
        `descriptor-set: ${missing} is in none of the sets: protoc adds it with --include_imports`,
      );
    }
    return this.choose(set, config.text('message'), framing, <usize>most * MIB);
  }

  parse(input: Input, out: Items): void {
    this.writer.reset();
    if (this.isDatagram) {
      if (input.length > 0) this.put(input.start, input.end, input.length, out);
      return;
    }
    const isLast = input.length == this.left;
    const frames = this.frames;
    let at = input.start;
    while (at < input.end && !(out.full && out.count > 0)) {
      const frame = frames.read(at, input.end, isLast);
      if (frame == Frame.Incomplete) break;
      if (frame == Frame.Message) this.put(frames.start, frames.next, frames.next - at, out);
      else this.putUnknown(at, frames.next, out);
      at = frames.next;
    }
    this.left = input.end - at;
  }

  private choose(set: DescriptorSet, text: string, framing: string, most: usize): InitError | null {
    let chosen: MessageType[] = [];
    if (text.trim() == '') {
      chosen = set.messages;
      if (chosen.length == 0) return InitError.config('descriptor-set: expected messages in it; there are none');
    } else {
      const names = text.split(',');
      for (let i = 0; i < names.length; i++) {
        const found = set.find(names[i].trim());
        if (found === null)
          return InitError.config(`message: expected one of ${namesOf(set)}, not '${names[i].trim()}'`);
        chosen.push(found);
      }
    }
    this.isDatagram = framing == FRAMINGS[1];
    this.types = new Types(chosen);
    this.frames = new Frames(this.types, most);
    this.left = 0;
    return null;
  }

  /** Puts in the message that lies from `at` up to `end`. */
  private put(at: usize, end: usize, consumed: usize, out: Items): void {
    const types = this.types;
    if (!types.isOne) types.look(at, end);
    const begin = this.writer.begin(STATUS_BYTES);
    const to = this.decoder.write(types.best, at, end, begin);
    const payload = this.writer.start;
    this.writer.end(to);
    this.putRow(types.name.at, types.name.length, this.decoder.undecoded, payload, to, consumed, out);
  }

  /** Puts in bytes in which no message begins. */
  private putUnknown(at: usize, end: usize, out: Items): void {
    const to = writeBase64(this.writer, this.writer.begin(STATUS_BYTES), at, end);
    const payload = this.writer.start;
    this.writer.end(to);
    this.putRow(0, 0, end - at, payload, to, end - at, out);
  }

  private putRow(
    name: usize,
    length: usize,
    undecoded: usize,
    payload: usize,
    end: usize,
    consumed: usize,
    out: Items,
  ): void {
    const pairs = out.reserveColumns(COLUMNS);
    store<usize>(pairs, name);
    store<usize>(pairs, length, 4);
    if (undecoded == 0) {
      store<usize>(pairs, this.fine.at, 8);
      store<usize>(pairs, this.fine.length, 12);
    } else {
      const status = this.writer.begin(STATUS_BYTES);
      const to = writeU32(status, <u32>undecoded);
      memory.copy(to, this.undecoded.at, this.undecoded.length);
      store<usize>(pairs, status, 8);
      store<usize>(pairs, to + this.undecoded.length - status, 12);
      this.writer.end(to + this.undecoded.length);
    }
    store<usize>(pairs, payload, 16);
    store<usize>(pairs, end - payload, 20);
    out.columnsAt(pairs, COLUMNS, consumed);
  }
}

function addFile(set: DescriptorSet, path: string): InitError | null {
  const opened = File.open(path);
  if (opened.error !== null) return InitError.io(`descriptor-set: cannot open '${path}': ${opened.error!}`);
  const file = opened.file!;
  const size = file.size;
  if (size > MOST_SET_BYTES) {
    file.close();
    return InitError.config(`descriptor-set: expected up to 64 MiB in '${path}', not ${size} bytes`);
  }
  const content = new StaticArray<u8>(max<i32>(<i32>size, 0));
  const count = size < 0 ? -1 : file.read(changetype<usize>(content), content.length, 0);
  const error = file.error;
  file.close();
  if (count < 0) return InitError.io(`descriptor-set: cannot read '${path}': ${error === null ? '' : error}`);
  if (set.add(changetype<usize>(content), changetype<usize>(content) + <usize>count)) return null;
  return InitError.config(
    `descriptor-set: expected a descriptor set in '${path}', which protoc --descriptor_set_out writes, and not a .proto file`,
  );
}

/** Up to ten names, for a message. */
function namesOf(set: DescriptorSet): string {
  const names: string[] = [];
  for (let i = 0; i < min(set.messages.length, 10); i++) names.push(set.messages[i].fullName);
  return names.join(', ') + (set.messages.length > 10 ? ', …' : '');
}

export function create(): Parser {
  return new ProtobufParser();
}
