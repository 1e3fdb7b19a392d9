/** A parser that does what its input says: the first byte of each line is a command. */
import {
  Attachment,
  Column,
  Config,
  InitError,
  Input,
  Items,
  Level,
  log,
  Parser,
  RenderOptions,
  Schema,
  tempDirectory,
  Version,
} from '@chipmunk-host/sdk/assembly';

class Everything extends Parser {
  private config: Config = new Config();
  private kept: string[] = [];

  version(): Version {
    return new Version(1, 2, 65535);
  }

  schemas(): Schema[] {
    return [
      Schema.boolean('b', 'Boolean', true).describe('a boolean'),
      Schema.integer('i', 'Integer', -2147483648),
      Schema.float('f', 'Float', 1.5),
      Schema.text('t', 'Text', 'grüße'),
      Schema.directories('d', 'Directories'),
      Schema.files('x', 'Files', ['log', 'txt']),
      Schema.dropdown('o', 'Option', ['a', 'b'], 'b').describe(''),
    ];
  }

  renderOptions(): RenderOptions | null {
    return new RenderOptions([new Column('A', 'first', 20), new Column('B')], 5, 65535);
  }

  init(config: Config): InitError | null {
    this.config = config;
    const refuse = config.text('refuse');
    if (refuse == 'config') return InitError.config('bad config');
    if (refuse == 'io') return InitError.io('bad io');
    if (refuse == 'unsupported') return InitError.unsupported('bad request');
    if (refuse == 'other') return InitError.other('bad day');
    return null;
  }

  parse(input: Input, out: Items): void {
    let line = input.start;
    for (let at = line; at < input.end; at++) {
      if (load<u8>(at) != 10) continue;
      this.run(load<u8>(line), line + 1, at - line - 1, at + 1 - line, input, out);
      line = at + 1;
    }
  }

  private run(command: u8, at: usize, length: usize, consumed: u64, input: Input, out: Items): void {
    switch (command) {
      case 0x6c: // l
        out.line(at, length, consumed);
        break;
      case 0x73: // s
        out.lineString('"' + input.text(at, length) + '"', consumed);
        break;
      case 0x63: // c
        out.beginColumns(3);
        out.column(at, length);
        out.columnString(length.toString());
        out.endColumns(consumed);
        break;
      case 0x43: // C
        out.columns(input.text(at, length).split(','), consumed);
        break;
      case 0x61: // a
        out.attachment(this.attachment(at, length), consumed);
        break;
      case 0x6d: // m
        out.line(at, length, consumed);
        out.attach(this.attachment(at, length));
        break;
      case 0x2d: // -
        out.skip(consumed);
        break;
      case 0x75: // u
        out.unrecoverable(input.text(at, length));
        break;
      case 0x70: // p
        out.parseError(input.text(at, length));
        break;
      case 0x69: // i
        out.incomplete();
        break;
      case 0x65: // e
        out.eof();
        break;
      case 0x67: // g
        out.lineString(this.get(input.text(at, length)), consumed);
        break;
      case 0x6b: // k
        log.info(`a record of ${length} bytes`);
        out.skip(consumed);
        break;
      case 0x4c: // L
        log.error('an error');
        log.warn('a warning');
        log.info('an info');
        if (log.enabled(Level.Debug)) log.debug('a debug');
        log.trace('long '.repeat(1000) + String.fromCharCode(0xd800) + '!');
        out.skip(consumed);
        break;
      case 0x54: {
        // T
        const directory = tempDirectory();
        const failed = directory.error;
        out.lineString(failed === null ? directory.path : 'error: ' + failed, consumed);
        break;
      }
      case 0x74: // t
        out.lineString(input.hasTimestamp ? input.timestamp.toString() : 'none', consumed);
        break;
      case 0x77: // w: garbage
        for (let i = 0; i < 10; i++) this.kept = [i.toString() + ' is a string', input.text(at, length)];
        out.line(at, length, consumed);
        break;
      case 0x21: // !
        throw new Error('as told');
      default:
        out.skip(consumed);
    }
  }

  private attachment(at: usize, length: usize): Attachment {
    const attachment = new Attachment('näme', 1 << 40).content(at, length);
    if (length > 0) {
      attachment.createdDate = 'yesterday';
      attachment.modifiedDate = 'today';
      attachment.messages = [1, u64.MAX_VALUE];
    }
    return attachment;
  }

  private get(id: string): string {
    const config = this.config;
    if (!config.has(id)) return 'missing ' + config.text(id, 'default');
    if (id == 'b') return config.boolean(id).toString();
    if (id == 'i') return config.integer(id).toString();
    if (id == 'f') return config.float(id).toString();
    if (id == 't') return config.text(id);
    if (id == 'd') return config.directories(id).join('|');
    if (id == 'x') return config.files(id).join('|');
    if (id == 'o') return config.dropdown(id);
    return config.integer(id, 7).toString();
  }
}

export function create(): Parser {
  return new Everything();
}
