/**
 * Compiles one component and ends. Spawned by main/compile/compile-flight.ts, one worker for each component: a transpiler that a
 * hostile binary has brought down, or keeps busy for ever, is thrown away with its thread.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { serializeError } from '../../shared/errors.js';
import type { CompileJob, CompileReply } from '../../shared/instance/messages.js';
import { environmentFault } from '../../shared/system/environment-fault.js';
import { compileComponent } from './compile-component.js';
import { transpilerModules as transpiler } from './transpile.js';

const warnings: string[] = [];
try {
  const component = await compileComponent(workerData as CompileJob, warnings);
  parentPort?.postMessage({ kind: 'compiled', component, warnings, transpiler } satisfies CompileReply);
} catch (thrown) {
  const error = serializeError(environmentFault(thrown, 'The component cannot be compiled') ?? thrown);
  parentPort?.postMessage({ kind: 'failed', error, warnings, transpiler } satisfies CompileReply);
}
