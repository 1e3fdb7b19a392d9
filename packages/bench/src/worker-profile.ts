/**
 * Where a session's threads spend their time, by V8's sampling profiler: that of the parser's worker and that of the main thread, while
 * sessions run. Node's `--cpu-prof` writes nothing for a worker that is ended from outside, so the inspector of this thread asks for it.
 */
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';

const SAMPLE_US = 200;
/** Where the pool's workers begin. */
const WORKER_PROGRAM = /piscina\/dist\/worker/;

interface ProfileNode {
  readonly id: number;
  /** The line is that of the function's beginning, from 0 on. */
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

/** As V8 makes it, and as developer tools open it when it is written to a file named `*.cpuprofile`. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** What a thread did in a sample. */
export type Part = 'plugin' | 'lifter' | 'file' | 'rings' | 'garbage' | 'other' | 'idle';

const PARTS: readonly Part[] = ['plugin', 'lifter', 'file', 'rings', 'garbage', 'other', 'idle'];

interface WorkerMessage {
  readonly id?: number;
  readonly result?: { readonly profile?: CpuProfile };
  readonly error?: { readonly message: string };
}

/**
 * Profiles the work of a pool that has one worker, which has run before.
 * @param work what is profiled; the worker has to run in it
 * @param wake runs the worker for a moment: a worker that sleeps in a wait answers only when it runs again
 */
export async function profiled(
  work: () => Promise<void>,
  wake: () => Promise<void>,
): Promise<{ readonly worker: CpuProfile; readonly main: CpuProfile }> {
  const inspector = new Session();
  inspector.connect();
  try {
    const ask = await attach(inspector);
    const started = Promise.all([
      ask('Profiler.enable'),
      ask('Profiler.setSamplingInterval', { interval: SAMPLE_US }),
      ask('Profiler.start'),
    ]);
    await wake();
    await started;
    await inspector.post('Profiler.enable');
    await inspector.post('Profiler.setSamplingInterval', { interval: SAMPLE_US });
    await inspector.post('Profiler.start');
    await work();
    const { profile: main } = await inspector.post('Profiler.stop');
    const stopped = ask('Profiler.stop');
    await wake();
    const { profile: worker } = await stopped;
    if (worker === undefined) throw new Error('the worker has made no profile');
    return { worker, main: main as CpuProfile };
  } finally {
    inspector.disconnect();
  }
}

type Ask = (method: string, params?: object) => Promise<NonNullable<WorkerMessage['result']>>;

/** Returns what asks the inspector of the pool's worker. */
async function attach(inspector: Session): Promise<Ask> {
  const found: string[] = [];
  const answers = new Map<number, (message: WorkerMessage) => void>();
  inspector.on('NodeWorker.attachedToWorker', ({ params }) => {
    if (WORKER_PROGRAM.test(params.workerInfo.url)) found.push(params.sessionId);
  });
  inspector.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
    const message = JSON.parse(params.message) as WorkerMessage;
    if (message.id !== undefined) answers.get(message.id)?.(message);
  });
  await inspector.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  const [sessionId] = found;
  if (sessionId === undefined || found.length > 1)
    throw new Error(`expected one worker of a pool; found ${found.length}`);
  return (method, params) =>
    new Promise((done, failed) => {
      const id = answers.size + 1;
      answers.set(id, ({ result = {}, error }) =>
        error === undefined ? done(result) : failed(new Error(`${method}: ${error.message}`)),
      );
      inspector
        .post('NodeWorker.sendMessageToWorker', { sessionId, message: JSON.stringify({ id, method, params }) })
        .catch(failed);
    });
}

/** How long a thread was at each part, in milliseconds. */
export function timeOfParts({ nodes, samples, timeDeltas }: CpuProfile): Record<Part, number> {
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const sources = new BundledSources();
  const parts = new Map(nodes.map((node) => [node.id, partOf(node, byId, parents, sources)]));
  const times = Object.fromEntries(PARTS.map((part) => [part, 0])) as Record<Part, number>;
  samples.forEach((sample, at) => {
    // A sample lasts until the next one.
    times[parts.get(sample) ?? 'other'] += (timeDeltas[at + 1] ?? 0) / 1000;
  });
  return times;
}

/** Code of wasm, and of Node in C++, is told by the JavaScript that called it. */
function partOf(
  node: ProfileNode,
  byId: ReadonlyMap<number, ProfileNode>,
  parents: ReadonlyMap<number, number>,
  sources: BundledSources,
): Part {
  const { functionName, url } = node.callFrame;
  if (functionName === '(idle)') return 'idle';
  if (functionName === '(garbage collector)') return 'garbage';
  const isWasm = url.startsWith('wasm:');
  let caller: ProfileNode | undefined = node;
  while (caller !== undefined && (caller.callFrame.url === '' || caller.callFrame.url.startsWith('wasm:')))
    caller = byId.get(parents.get(caller.id) ?? -1);
  const by = caller === undefined ? '' : sources.of(caller);
  if (isWasm) return by.includes('/lifter/') ? 'lifter' : 'plugin';
  if (by === 'node:fs') return 'file';
  return by.includes('/ring/') ? 'rings' : 'other';
}

/** Which file a function comes from. Programs of threads are bundled: a comment with its path comes before the code of each file. */
class BundledSources {
  /** By URL: the paths of a file's parts, with the lines from which on they hold, the last first. */
  readonly #parts = new Map<string, readonly { readonly line: number; readonly path: string }[]>();

  of({ callFrame: { url, lineNumber } }: ProfileNode): string {
    if (!url.startsWith('file:')) return url;
    let parts = this.#parts.get(url);
    if (parts === undefined) {
      parts = partsOf(fileURLToPath(url));
      this.#parts.set(url, parts);
    }
    return parts.find(({ line }) => line <= lineNumber)?.path ?? url;
  }
}

function partsOf(file: string): readonly { readonly line: number; readonly path: string }[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines
    .flatMap((text, line) => {
      const path = /^\/\/ (\S+\.m?js)$/.exec(text)?.[1];
      return path === undefined ? [] : [{ line, path }];
    })
    .reverse();
}
