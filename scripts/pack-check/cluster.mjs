// A program that embeds the host in the processes of a cluster.
import cluster from 'node:cluster';
import { once } from 'node:events';
import { consume } from './consumer.mjs';

if (cluster.isPrimary) {
  const workers = [cluster.fork(), cluster.fork()];
  const texts = await Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0]));
  console.log(texts[0] === texts[1] ? texts[0] : `two processes got ${texts.join(' and ')}`);
} else {
  process.send(await consume());
  process.disconnect();
}
