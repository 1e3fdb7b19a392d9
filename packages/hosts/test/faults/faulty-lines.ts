// A parser of lines that does what the lines say: `!trap`, `!loop` and so on. For the tests of faults; built by them.
import {
  type Config,
  InitError,
  type Input,
  type Items,
  log,
  Parser,
  type RenderOptions,
  Schema,
  Version,
} from '@chipmunk-host/sdk/assembly';

const zero: i32 = 0;
let sink: i32 = 0;

function recurse(depth: i32): i32 {
  return depth == -1 ? 0 : recurse(depth + 1) + zero + 1;
}

function eatMemory(): void {
  while (memory.grow(16) != -1) {}
  throw new Error('out of memory');
}

function loop(): void {
  while (zero == 0) sink++;
}

function fault(kind: string): bool {
  if (kind == 'trap') unreachable();
  else if (kind == 'bounds') sink = load<i32>(0xffff_fff0);
  else if (kind == 'divide') sink = 1 / zero;
  else if (kind == 'recurse') sink = recurse(0);
  else if (kind == 'memory') eatMemory();
  else if (kind == 'loop') loop();
  else return false;
  return true;
}

class FaultyLines extends Parser {
  private left: usize = 0;
  private calls: i32 = 0;
  private faultAfter: i32 = 0;
  private faultKind: string = '';

  version(): Version {
    fault(versionFault);
    return new Version(1, 0, 0);
  }

  schemas(): Schema[] {
    return [
      Schema.text('init', 'Fault in init'),
      Schema.integer('after', 'Calls of parse before a fault', 0),
      Schema.text('kind', 'Fault after so many calls'),
    ];
  }

  renderOptions(): RenderOptions | null {
    return null;
  }

  init(config: Config): InitError | null {
    const kind = config.text('init');
    if (kind == 'refuse') return InitError.io('the plugin does not want to');
    fault(kind);
    this.faultAfter = config.integer('after', 0);
    this.faultKind = config.text('kind');
    return null;
  }

  parse(input: Input, out: Items): void {
    if (this.faultAfter > 0 && ++this.calls > this.faultAfter) fault(this.faultKind);
    if (input.length == this.left) {
      this.take(input.start, input.end, input.end, out);
      this.left = 0;
      return;
    }
    let line = input.start;
    for (let at = line; at < input.end && !out.full; at++) {
      if (load<u8>(at) != 10) continue;
      if (!this.take(line, at, at + 1, out)) return;
      line = at + 1;
    }
    this.left = out.full ? 0 : input.end - line;
  }

  /** One line. Returns whether the call goes on. */
  private take(start: usize, end: usize, next: usize, out: Items): bool {
    const length = end - start;
    const consumed = next - start;
    if (length == 0 || load<u8>(start) != 33) {
      out.line(start, length, consumed);
      return true;
    }
    const kind = String.UTF8.decodeUnsafe(start + 1, length - 1);
    if (kind == 'log') {
      for (let i = 0; i < 100_000; i++) log.error('one of very many lines');
      out.line(start, length, consumed);
    } else if (kind == 'parse') {
      out.parseError('no item here');
      return false;
    } else if (kind == 'incomplete') {
      out.incomplete();
      return false;
    } else if (kind == 'eof') {
      out.eof();
      return false;
    } else if (kind == 'unrecoverable') {
      out.unrecoverable('the plugin cannot go on');
      return false;
    } else if (kind == 'pointer') out.line(0xffff_ff00, 200, consumed);
    else if (kind == 'utf8') out.line(invalidText, 2, consumed);
    else if (kind == 'consumed') out.line(start, length, <usize>0x7fff_ffff);
    else if (!fault(kind)) out.line(start, length, consumed);
    return true;
  }
}

const invalidText: usize = memory.data<u8>([0xc3, 0x28]);
const versionFault: string = '';

export function create(): Parser {
  return new FaultyLines();
}
