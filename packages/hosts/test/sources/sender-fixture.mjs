// A process that writes to whoever connects. Arguments: `port` or a path to listen on, or `to:PORT` to connect to; MiB of numbered lines of 64 bytes to
// write; bytes a piece. Prints where it listens; behind the end of a connection, how many bytes it has written to it.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const [where, mebibytes, pieceBytes] = process.argv.slice(2);
const total = Number(mebibytes) * 1024 * 1024;
const LINE = 64;

if (where.startsWith('to:')) await send(connect(Number(where.slice(3)), '127.0.0.1'));
else {
  const server = createServer((socket) => void send(socket));
  server.listen(where === 'port' ? { port: 0, host: '127.0.0.1' } : { path: where });
  await once(server, 'listening');
  console.log(where === 'port' ? server.address().port : where);
  process.stdin.resume().on('end', () => process.exit());
}

async function send(socket) {
  socket.on('error', () => {});
  const piece = Buffer.alloc(Number(pieceBytes));
  for (let at = 0; at < total && !socket.destroyed; at += piece.length) {
    for (let byte = 0; byte < piece.length; byte += LINE)
      piece.write(`${String((at + byte) / LINE).padStart(LINE - 1, '.')}\n`, byte, 'latin1');
    if (!socket.write(Buffer.from(piece))) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
  }
  socket.end();
}
