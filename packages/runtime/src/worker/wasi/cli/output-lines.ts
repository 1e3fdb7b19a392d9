/** Makes lines of what a plugin writes to stdout or stderr: bounded in length and in bytes a second. */

export interface OutputLimits {
  readonly lineBytes: number;
  readonly outputBytesPerSecond: number;
  /** Last lines to keep, passed on or not. */
  readonly keptLines: number;
}

export interface OutputLinesSink {
  line(text: string): void;
  /** Told once for each time that the bound was reached, when output is passed on again or ends. */
  dropped(bytes: number): void;
}

const NEWLINE = 0x0a;
const WINDOW_MS = 1000;
const MAX_UTF8_BYTES = 4;

export class OutputLines {
  readonly #limits: OutputLimits;
  readonly #sink: OutputLinesSink;
  readonly #nowMs: () => number;
  /** The line under way; undefined until something is written. */
  #line: Buffer | undefined;
  #lineLength = 0;
  #windowBegin = Number.NEGATIVE_INFINITY;
  #windowBytes = 0;
  #droppedBytes = 0;
  #last: string[] = [];

  constructor(limits: OutputLimits, sink: OutputLinesSink, nowMs: () => number = () => performance.now()) {
    // A line of no bytes would never get on.
    this.#limits = { ...limits, lineBytes: Math.max(1, limits.lineBytes) };
    this.#sink = sink;
    this.#nowMs = nowMs;
  }

  write(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      const newline = bytes.indexOf(NEWLINE, at);
      const end = newline < 0 ? bytes.length : newline;
      this.#extend(bytes, at, end);
      if (newline >= 0) this.#endLine(1);
      at = end + 1;
    }
  }

  /** Passes on the line that has no end yet, and what was dropped. */
  flush(): void {
    if (this.#lineLength > 0) this.#endLine(0);
    this.#reportDropped();
  }

  /** The last lines, the one without an end included. */
  lastLines(): readonly string[] {
    if (this.#lineLength === 0) return [...this.#last];
    return [...this.#last, this.#text()].slice(-this.#limits.keptLines);
  }

  #extend(bytes: Uint8Array, begin: number, end: number): void {
    const { lineBytes } = this.#limits;
    this.#line ??= Buffer.allocUnsafeSlow(lineBytes);
    let at = begin;
    while (at < end) {
      if (this.#lineLength === lineBytes) this.#splitLine();
      const part = bytes.subarray(at, Math.min(end, at + lineBytes - this.#lineLength));
      this.#line.set(part, this.#lineLength);
      this.#lineLength += part.length;
      at += part.length;
    }
  }

  /** Ends a line that is too long, between two characters where it can. */
  #splitLine(): void {
    const line = this.#line ?? Buffer.alloc(0);
    let cut = this.#lineLength;
    for (let back = 1; back <= MAX_UTF8_BYTES && back < this.#lineLength; back++) {
      const byte = line[this.#lineLength - back] ?? 0;
      if ((byte & 0xc0) === 0x80) continue;
      if (byte >= 0xc0) cut = this.#lineLength - back;
      break;
    }
    const rest = Buffer.from(line.subarray(cut, this.#lineLength));
    this.#lineLength = cut;
    this.#endLine(0);
    line.set(rest);
    this.#lineLength = rest.length;
  }

  #endLine(newlineBytes: number): void {
    const bytes = this.#lineLength + newlineBytes;
    const isPassed = this.#admit(bytes);
    if (isPassed || this.#limits.keptLines > 0) {
      const text = this.#text();
      if (isPassed) this.#sink.line(text);
      if (this.#limits.keptLines > 0) this.#keep(text);
    }
    this.#lineLength = 0;
  }

  #admit(bytes: number): boolean {
    const now = this.#nowMs();
    if (now - this.#windowBegin >= WINDOW_MS) {
      this.#windowBegin = now;
      this.#windowBytes = 0;
      this.#reportDropped();
    }
    const { outputBytesPerSecond } = this.#limits;
    // The first line of a window is passed on unless nothing is: a bound below the length of a line must not silence a plugin.
    const isFirst = this.#windowBytes === 0 && outputBytesPerSecond > 0;
    if (!isFirst && this.#windowBytes + bytes > outputBytesPerSecond) {
      this.#droppedBytes += bytes;
      return false;
    }
    this.#windowBytes += bytes;
    return true;
  }

  #keep(text: string): void {
    this.#last.push(text);
    if (this.#last.length > this.#limits.keptLines) this.#last.shift();
  }

  #reportDropped(): void {
    if (this.#droppedBytes === 0) return;
    const bytes = this.#droppedBytes;
    this.#droppedBytes = 0;
    this.#sink.dropped(bytes);
  }

  #text(): string {
    return this.#line?.toString('utf8', 0, this.#lineLength) ?? '';
  }
}
