/**
 * A parser of lines that does what the lines say (`!trap`, `!loop` and so on), or what its configuration says. For the tests
 * of faults and for the soak, which build it.
 */
import {
  Config,
  InitError,
  Input,
  Items,
  log,
  Parser,
  Schema,
  tempDirectory,
  Version,
} from '@chipmunk-host/sdk/assembly';

const LF: u8 = 10;
const BANG: u8 = 33;
const invalidText: usize = memory.data<u8>([0xc3, 0x28]);

// Variables, so that the compiler does not see what comes of them.
let zero: i32 = 0;
let sink: i32 = 0;
let leaked: usize[] = [];

function recurse(depth: i32): i32 {
  return depth == -1 ? 0 : recurse(depth + 1) + zero + 1;
}

function eatMemory(): void {
  while (memory.grow(16) != -1) {
    // Touched, so that the system has to give it.
    for (
      let at: usize = ((<usize>memory.size()) << 16) - 0x100000, end = (<usize>memory.size()) << 16;
      at < end;
      at += 4096
    ) {
      store<u8>(at, 1);
    }
  }
  throw new Error('no memory is left');
}

function loop(): void {
  while (zero == 0) sink++;
}

function crash(kind: string): void {
  if (kind == 'trap') unreachable();
  else if (kind == 'bounds') sink = load<i32>(0xffff_fff0);
  else if (kind == 'divide') sink = 1 / zero;
  else if (kind == 'recurse') sink = recurse(0);
  else if (kind == 'memory') eatMemory();
  else if (kind == 'loop') loop();
  else if (kind == 'throw') throw new Error('the plugin throws');
  else if (kind == 'temp') {
    log.error('temp: ' + tempDirectory().path);
    unreachable();
  }
}

class FaultyLines extends Parser {
  /** Bytes that the last call left. */
  private left: usize = 0;
  private calls: i32 = 0;
  private lines: i32 = 0;
  private afterCalls: i32 = 0;
  private afterLines: i32 = 0;
  private kind: string = '';
  private always: string = '';

  version(): Version {
    return new Version(1, 0, 0);
  }

  schemas(): Schema[] {
    return [
      Schema.text('init', 'Fault in init'),
      Schema.text('kind', 'Fault after so many calls or lines'),
      Schema.integer('after', 'Calls of parse that an instance does before the fault; 0 means all', 0),
      Schema.integer('lines', 'Lines that an instance does before the fault; 0 means all', 0),
      Schema.text('always', 'What every call of parse returns'),
    ];
  }

  init(config: Config): InitError | null {
    const kind = config.text('init');
    if (kind == 'refuse') return InitError.io('the plugin does not want to');
    crash(kind);
    this.kind = config.text('kind');
    this.afterCalls = config.integer('after', 0);
    this.afterLines = config.integer('lines', 0);
    this.always = config.text('always');
    return null;
  }

  parse(input: Input, out: Items): void {
    if (this.afterCalls > 0 && ++this.calls > this.afterCalls) crash(this.kind);
    if (this.always != '') {
      this.answer(this.always, input, out);
      return;
    }
    // It knows nothing of the lines before.
    if (input.length == 0) return;
    if (input.length == this.left) {
      this.left = 0;
      this.take(input, input.start, input.end, input.end, out);
      return;
    }
    this.left = 0;
    let line = input.start;
    for (let at = line; at < input.end; at++) {
      if (load<u8>(at) != LF) continue;
      if (out.full || !this.take(input, line, at, at + 1, out)) return;
      line = at + 1;
    }
    this.left = input.end - line;
  }

  /** One line. Returns whether the call goes on. */
  private take(input: Input, start: usize, end: usize, next: usize, out: Items): bool {
    if (this.afterLines > 0 && ++this.lines > this.afterLines) crash(this.kind);
    const length = end - start;
    const consumed = next - start;
    if (length == 0 || load<u8>(start) != BANG) {
      out.line(start, length, consumed);
      return true;
    }
    const act = String.UTF8.decodeUnsafe(start + 1, length - 1);
    // An error, or nothing at all, stands for the whole call: the lines before are returned first.
    if (act == 'parse' || act == 'incomplete' || act == 'eof' || act == 'unrecoverable' || act == 'nothing') {
      if (out.count == 0) this.answer(act, input, out);
      return false;
    }
    if (act == 'stamp') log.error('stamp');
    else if (act == 'log') {
      for (let i = 0; i < 100_000; i++) log.error('one of very many lines');
    } else if (act == 'long-log') {
      const text = 'long '.repeat(100_000);
      for (let i = 0; i < 1000; i++) log.error(text);
    } else if (act == 'pointer') {
      out.line(0xffff_ff00, 200, consumed);
      return true;
    } else if (act == 'utf8') {
      out.line(invalidText, 2, consumed);
      return true;
    } else if (act == 'consumed') {
      out.line(start, length, 0x7fff_ffff);
      return true;
    } else if (act == 'share') {
      // A million items that share one text of 100 MB.
      const text = out.reserve(100_000_000);
      memory.fill(text, 0x61, 100_000_000);
      for (let i = 0; i < 1_000_000; i++) out.line(text, 100_000_000, 0);
    } else if (act == 'flood') {
      // Cheap here, but more text than a worker's JavaScript heap holds when each item becomes a string.
      const text = out.reserve(2000);
      memory.fill(text, 0x61, 2000);
      for (let i = 0; i < 400_000; i++) out.line(text, 2000, 0);
    } else if (act == 'spin') {
      // Some hundredths of a second, without a call out.
      for (let i = 0; i < 100_000_000; i++) sink += i ^ sink;
    } else if (act == 'leak') {
      for (let i = 0; i < 16; i++) leaked.push(heap.alloc(0x10000));
    } else crash(act);
    out.line(start, length, consumed);
    return true;
  }

  private answer(act: string, input: Input, out: Items): void {
    if (act == 'parse') out.parseError('there is no item here');
    else if (act == 'incomplete') out.incomplete();
    else if (act == 'eof') out.eof();
    else if (act == 'unrecoverable') out.unrecoverable('the plugin cannot go on');
    else if (act == 'nothing-consumed') out.line(input.start, 0, 0);
  }
}

export function create(): Parser {
  return new FaultyLines();
}
