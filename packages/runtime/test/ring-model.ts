/**
 * A model of how the two threads of a ring wait for each other, in which every order of their steps is tried. A step is one access to
 * shared memory, named as in RingConsumer, RingProducer, ring-bells.ts and ring-ends.ts: ring-steps.test.ts compares these steps with
 * those that the classes take. What it shows: no wake-up is lost, also when the reader stops or the writer's thread dies at any instruction.
 *
 * Why: a waiter reads its bell, then the counters, and sleeps only if the bell is still the same, which `Atomics.wait` and
 * `Atomics.waitAsync` find out and act on in one step. Whoever changes a counter rings the bell after that, and notifies after that. If
 * the change comes before the waiter reads the counter, it is seen. If not, the bell is rung after the waiter has read it: either
 * before it goes to sleep, which it then does not, or behind that, and the notification finds it asleep.
 */

export interface ModelOptions {
  readonly slots: number;
  readonly frames: number;
  /** The reader asks to stop when it has so many frames. */
  readonly stopAfter?: number;
  /** Whether it reads no more then; otherwise it reads what is there. */
  readonly leaves?: boolean;
  /** Whether the writer's thread may die at any step. */
  readonly mayDie?: boolean;
  /** A fault that is put in, to see that the model finds it. */
  readonly fault?:
    | 'counter before bell'
    | 'notify before ring'
    | 'end without ring'
    | 'stop without ring'
    | 'resume without ring';
  /** Whether the writer is paused once, and goes on. */
  readonly pauses?: boolean;
}

export interface ModelResult {
  readonly states: number;
  /** Ends in which a thread sleeps and nobody is left to wake it. */
  readonly stuck: readonly State[];
  /** Frames that had arrived, in the other ends. */
  readonly arrived: ReadonlySet<number>;
}

export interface State {
  readonly head: number;
  readonly tail: number;
  readonly closed: number;
  readonly stop: number;
  readonly readerBell: number;
  readonly writerBell: number;
  readonly reader: Thread;
  readonly writer: Thread;
  /** What the main thread still has to say for a writer that died. */
  readonly undertaker: 'idle' | 'close' | 'ring' | 'notify';
  readonly paused: boolean;
  /** What the main thread still has to do who pauses the writer. */
  readonly pauser: 'pause' | 'resume' | 'ring' | 'notify' | 'done';
}

interface Thread {
  readonly at: string;
  /** The bell as the thread read it. */
  readonly bell: number;
  /** The other side's counter as last seen. */
  readonly known: number;
  /** Of the reader: whether the ring was closed. Of the writer: whether it waits with the thread blocked. */
  readonly flag: boolean;
}

export const START: State = {
  head: 0,
  tail: 0,
  closed: 0,
  stop: 0,
  readerBell: 0,
  writerBell: 0,
  reader: { at: 'known head?', bell: 0, known: 0, flag: false },
  writer: { at: 'acquire', bell: 0, known: 0, flag: true },
  undertaker: 'idle',
  paused: false,
  pauser: 'pause',
};

/** Tries every order of steps. */
export function explore(options: ModelOptions): ModelResult {
  const seen = new Set([JSON.stringify(START)]);
  const open = [START];
  const stuck: State[] = [];
  const arrived = new Set<number>();
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    const needed = [
      readerStep(state, options),
      writerStep(state, options),
      undertakerStep(state),
      pauserStep(state, options),
    ].filter(isStep);
    // Neither a time limit nor a death is to be what wakes somebody.
    const possible = [timeLimit(state), death(state, options)].filter(isStep);
    if (needed.length === 0) {
      const isOver = state.reader.at === 'done' && ['done', 'dead'].includes(state.writer.at);
      if (isOver) arrived.add(state.tail);
      else stuck.push(state);
    }
    for (const next of [...needed, ...possible]) {
      const key = JSON.stringify(next);
      if (seen.has(key)) continue;
      seen.add(key);
      open.push(next);
    }
  }
  return { states: seen.size, stuck, arrived };
}

function isStep(step: State | undefined): step is State {
  return step !== undefined;
}

/** BatchRingReader.next and the release of its frame. */
export function readerStep(state: State, { stopAfter, leaves = false, fault }: ModelOptions): State | undefined {
  const { reader } = state;
  const go = (at: string, change: Partial<Thread> = {}, shared: Partial<State> = {}): State => ({
    ...state,
    ...shared,
    reader: { ...reader, at, ...change },
  });
  const behindStop = leaves ? 'done' : 'known head?';
  const look = fault === 'counter before bell' ? 'load bell late' : 'wait';
  switch (reader.at) {
    case 'known head?':
      if (reader.known !== state.tail) return go('store tail');
      return go(fault === 'counter before bell' ? 'load closed' : 'load bell');
    case 'load bell':
      return go('load closed', { bell: state.readerBell });
    case 'load closed':
      return go('load head', { flag: state.closed !== 0 });
    case 'load head':
      if (state.head !== state.tail) return go('store tail', { known: state.head });
      return go(reader.flag ? 'done' : look, { known: state.head });
    case 'load bell late':
      return go('wait', { bell: state.readerBell });
    case 'wait':
      return go(state.readerBell === reader.bell ? 'asleep' : 'known head?');
    case 'store tail':
      return go('ring', {}, { tail: state.tail + 1 });
    case 'ring':
      return go('notify', {}, { writerBell: state.writerBell + 1 });
    case 'notify':
      return wakeWriter(go('stop?'));
    case 'stop?':
      return go(state.tail === stopAfter ? 'store stop' : 'known head?');
    case 'store stop':
      return go(fault === 'stop without ring' ? behindStop : 'ring for stop', {}, { stop: 1 });
    case 'ring for stop':
      return go('notify of stop', {}, { writerBell: state.writerBell + 1 });
    case 'notify of stop':
      return wakeWriter(go(behindStop));
    default:
      return undefined;
  }
}

/** BatchRingWriter.acquire, publish and close. */
export function writerStep(state: State, { slots, frames, fault }: ModelOptions): State | undefined {
  const { writer } = state;
  const go = (at: string, change: Partial<Thread> = {}, shared: Partial<State> = {}): State => ({
    ...state,
    ...shared,
    writer: { ...writer, at, ...change },
  });
  const isHasty = fault === 'notify before ring';
  const isFree = (tail: number) => state.head - tail < slots;
  switch (writer.at) {
    case 'acquire':
      if (state.head === frames) return go('store closed');
      return go('load demand', { flag: true });
    case 'load demand':
      if (state.paused) return go('load bell');
      return go(isFree(writer.known) ? 'store head' : 'load tail');
    case 'load tail':
      return go(isFree(state.tail) ? 'store head' : 'load bell', { known: state.tail });
    case 'load bell':
      return go('load stop', { bell: state.writerBell });
    case 'load stop':
      return go(state.stop === 1 ? 'load stop again' : 'load demand again');
    case 'load demand again':
      if (state.paused) return go('wait');
      return go(isFree(writer.known) ? 'load stop again' : 'load tail again');
    case 'load tail again':
      return go(isFree(state.tail) ? 'load stop again' : 'wait', { known: state.tail });
    case 'load stop again':
      return go(state.stop === 1 ? 'store closed' : 'store head');
    case 'wait':
      if (state.writerBell === writer.bell) return go('asleep');
      return go('load bell', { flag: false });
    case 'store head':
      return go('ring', {}, { head: state.head + 1 });
    case 'ring':
      return go('notify', {}, { readerBell: state.readerBell + 1 });
    case 'notify':
      return wakeReader(go('acquire'));
    case 'store closed':
      if (fault === 'end without ring') return go('done', {}, { closed: 1 });
      return go(isHasty ? 'notify of the end' : 'ring for the end', {}, { closed: 1 });
    case 'ring for the end':
      return go(isHasty ? 'done' : 'notify of the end', {}, { readerBell: state.readerBell + 1 });
    case 'notify of the end':
      return wakeReader(go(isHasty ? 'ring for the end' : 'done'));
    default:
      return undefined;
  }
}

/** endRingForWriter */
function undertakerStep(state: State): State | undefined {
  switch (state.undertaker) {
    case 'close':
      return { ...state, undertaker: 'ring', closed: state.closed === 0 ? 2 : state.closed };
    case 'ring':
      return { ...state, undertaker: 'notify', readerBell: state.readerBell + 1 };
    case 'notify':
      return wakeReader({ ...state, undertaker: 'idle' });
    default:
      return undefined;
  }
}

/** pauseRingWriter and resumeRingWriter */
function pauserStep(state: State, { pauses = false, fault }: ModelOptions): State | undefined {
  switch (pauses ? state.pauser : 'done') {
    case 'pause':
      return { ...state, pauser: 'resume', paused: true };
    case 'resume':
      return { ...state, pauser: fault === 'resume without ring' ? 'done' : 'ring', paused: false };
    case 'ring':
      return { ...state, pauser: 'notify', writerBell: state.writerBell + 1 };
    case 'notify':
      return wakeWriter({ ...state, pauser: 'done' });
    default:
      return undefined;
  }
}

/** Only the first wait has a time limit. */
export function timeLimit(state: State): State | undefined {
  const { writer } = state;
  if (writer.at !== 'asleep' || !writer.flag) return undefined;
  return { ...state, writer: { ...writer, at: 'load bell', flag: false } };
}

function death(state: State, { mayDie = false }: ModelOptions): State | undefined {
  if (!mayDie || ['done', 'dead'].includes(state.writer.at)) return undefined;
  return { ...state, writer: { ...START.writer, at: 'dead' }, undertaker: 'close' };
}

function wakeReader(state: State): State {
  return state.reader.at === 'asleep' ? { ...state, reader: { ...state.reader, at: 'known head?' } } : state;
}

function wakeWriter(state: State): State {
  const { writer } = state;
  return writer.at === 'asleep' ? { ...state, writer: { ...writer, at: 'load bell', flag: false } } : state;
}
