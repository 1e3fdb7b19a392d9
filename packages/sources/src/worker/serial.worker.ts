/** The process that reads a serial port for serial.ts: its options are the argument, its bytes go to the standard output. */
import { existsSync } from 'node:fs';
import type { SerialOptions } from '../shared/serial-options.js';
import type { SerialMessage } from './serial.js';

/** What is needed of the package. */
interface Port extends NodeJS.ReadableStream {
  open(done: (error: Error | null | undefined) => void): void;
}

/** Not written where it is imported: it is there only for those who install it. */
const PACKAGE = 'serialport';
/**
 * A device that is gone ends reads with nothing, for which the package reads again at once, for ever. So its path is looked at, this often.
 */
const LOOK_EVERY_MS = 500;

const options = JSON.parse(process.argv[2] ?? '{}') as SerialOptions;

/** Tells it, and ends when it is the last thing to tell. What was read is written before. */
function tell(message: SerialMessage, ends: boolean): void {
  process.send?.(message, undefined, {}, () => {
    if (ends) process.stdout.write('', () => process.exit());
  });
}

async function read(): Promise<void> {
  const { SerialPort } = (await import(PACKAGE).catch(({ message }: Error) => {
    tell({ kind: 'missing', message }, true);
    return {};
  })) as { readonly SerialPort?: new (options: object) => Port };
  if (SerialPort === undefined) return;
  const port = new SerialPort({ ...options, autoOpen: false });
  const gone = () => tell({ kind: 'disconnected', message: 'it was disconnected' }, true);
  port.on('error', ({ message }: Error) => tell({ kind: 'failed', message }, true));
  port.on('close', gone);
  port.open((error) => {
    if (error != null) return tell({ kind: 'failed', message: error.message }, true);
    tell({ kind: 'opened' }, false);
    port.pipe(process.stdout);
    setInterval(() => {
      if (!existsSync(options.path)) gone();
    }, LOOK_EVERY_MS);
  });
}

// Whoever started it is gone.
process.on('disconnect', () => process.exit());
void read().catch(({ message }: Error) => tell({ kind: 'failed', message }, true));
