// What plugins cost, for Prometheus: reads logs one after the other and answers at /metrics meanwhile, also while a plugin does not return.
//
//   node examples/metrics-to-prometheus.mjs PORT trace.log…
//   curl http://127.0.0.1:PORT/metrics
import { once } from 'node:events';
import { createServer } from 'node:http';
import { PluginsManager, PROMETHEUS_CONTENT_TYPE, prometheusText } from '@chipmunk-host/manager';

const [port, ...logs] = process.argv.slice(2);
const manager = await PluginsManager.open({ load: 'lazy' });

const server = createServer((request, response) => {
  if (request.url !== '/metrics') return response.writeHead(404).end();
  response.setHeader('Content-Type', PROMETHEUS_CONTENT_TYPE);
  response.end(prometheusText(manager.metrics()));
});
server.listen(Number(port), '127.0.0.1');
await once(server, 'listening');
console.log(`metrics at http://127.0.0.1:${server.address().port}/metrics`);

for (const file of logs) {
  const session = await manager.ingest({ source: { file }, parser: { plugin: 'string-parser' } });
  for await (const batch of session.batches())
    if (batch.count === 0) console.log(`${file}: nothing at ${batch.offset}`);
  const { summary, parser, bottleneck } = session.metrics();
  console.log(`${file}: ${summary.items} items in ${parser.calls.count} calls; the rest waited for the ${bottleneck}`);
}
console.log('done');

process.once('SIGTERM', async () => {
  server.close();
  await manager.close();
});
