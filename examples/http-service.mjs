// An HTTP service: POST a log, and get its items back as NDJSON while the log is still being sent. A client that disconnects ends its session.
//
//   node examples/http-service.mjs [PORT]
//   curl --data-binary @trace.log --no-buffer http://127.0.0.1:8080/
import { once } from 'node:events';
import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { createParseTransform, PluginsManager } from '@chipmunk-host/manager';

const manager = await PluginsManager.open({ load: 'lazy' });
manager.on('session-ended', ({ summary: { status, items } }) => console.log(`session ${status}: ${items} items`));

const server = createServer(async (request, response) => {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  // The client is told at once when all workers are in use.
  const parse = createParseTransform(manager, { plugin: 'string-parser' }, { as: 'ndjson', waitMs: 0 });
  try {
    await pipeline(
      request,
      parse,
      async (lines) => {
        response.setHeader('Content-Type', 'application/x-ndjson');
        // A client that does not read stops the parser, and that stops the upload.
        for await (const chunk of lines)
          if (!response.write(chunk)) await once(response, 'drain', { signal: gone.signal });
      },
      { signal: gone.signal },
    );
    response.end();
  } catch (error) {
    // Once lines were sent, the only way to tell of an error is to break the connection.
    if (response.headersSent || response.destroyed) response.destroy();
    else if (error.code === 'ERR_BUSY') response.writeHead(503, { 'Retry-After': '1' }).end();
    else response.writeHead(500).end(`${error.message}\n`);
  }
});

server.listen(Number(process.argv[2] ?? 8080), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}/`);
});

process.once('SIGTERM', async () => {
  server.close();
  server.closeAllConnections();
  await manager.close();
});
