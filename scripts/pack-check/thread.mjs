// A program that embeds the host in a worker thread of its own.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { consume } from './consumer.mjs';

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  const [text] = await once(worker, 'message');
  await once(worker, 'exit');
  console.log(text);
} else parentPort.postMessage(await consume());
