/** Starts `socket-sender.ts`, so that the sender's work is not this process's. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

export class SenderProcess {
  /** A port, or the path that was asked for. */
  readonly where: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;

  private constructor(child: ChildProcessByStdio<Writable, Readable, null>, where: string) {
    this.#child = child;
    this.where = where;
  }

  static async start(mode: 'bulk' | 'lines', amount: number, where = 'tcp'): Promise<SenderProcess> {
    const script = join(import.meta.dirname, 'socket-sender.js');
    const child = spawn(process.execPath, [script, mode, String(amount), where], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    return new SenderProcess(child, line.toString('utf8').trim());
  }

  get port(): number {
    return Number(this.where);
  }

  async close(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.stdin.end();
    await ended;
  }
}
