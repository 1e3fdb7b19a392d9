/**
 * The thread that starts, watches and ends the workers of one pool: only the thread that has created a worker can end it, and the
 * main thread may be busy. Spawned by main/pool/supervisor-thread.ts.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { SupervisorReply, SupervisorRequest, SupervisorSettings } from '../shared/instance/messages.js';
import { Supervisor } from './supervisor.js';

// Piscina starts threads in event handlers, too, and throws there when the machine has none to spare. The loss of the
// instance is reported nevertheless (threads.ts).
process.on('uncaughtException', (error) => {
  if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_INIT_FAILED') throw error;
});

// A task that Piscina has queued before it failed to start a thread is aborted. Piscina then rejects a promise that it gave to nobody.
process.on('unhandledRejection', (reason) => {
  if ((reason as Error | undefined)?.name !== 'AbortError') throw reason;
});

const supervisor = new Supervisor(workerData as SupervisorSettings, (reply: SupervisorReply) =>
  parentPort?.postMessage(reply),
);
parentPort?.on('message', (request: SupervisorRequest) => supervisor.handle(request));
