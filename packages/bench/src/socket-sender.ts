/**
 * A process that sends bytes to those who connect: `socket-sender.js MODE WHERE`. WHERE is a path, or `tcp` for a free port, which it prints. MODE
 * `bulk N`: N MiB of log lines to each, then the end. MODE `lines MS`: a line every so many milliseconds, which tells when it was written.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { logText } from './log-text.js';
import { wallMs } from './wall-clock.js';

const [mode, amount, where = 'tcp'] = process.argv.slice(2);
const text = mode === 'bulk' ? logText(1024 * 1024) : Buffer.alloc(0);

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  void (mode === 'bulk' ? sendBulk(socket, Number(amount)) : sendLines(socket, Number(amount)));
});
server.listen(where === 'tcp' ? { port: 0, host: '127.0.0.1' } : { path: where });
await once(server, 'listening');
console.log(where === 'tcp' ? (server.address() as AddressInfo).port : where);
process.stdin.resume().on('end', () => process.exit());

async function sendBulk(socket: Socket, mebibytes: number): Promise<void> {
  for (let part = 0; part < mebibytes && !socket.destroyed; part++) if (!socket.write(text)) await drained(socket);
  socket.end();
}

/** Also when it was closed. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
  });
}

function sendLines(socket: Socket, everyMs: number): void {
  const timer = setInterval(() => socket.write(`${wallMs()}\n`), everyMs);
  socket.once('close', () => clearInterval(timer));
}
