import { MessageChannel, MessagePort } from 'node:worker_threads';
import { WorkerInstance, WorkerPool } from '@chipmunk-host/runtime/internal';
import { serveControl } from '@chipmunk-host/runtime/internal/worker';
import { expect, test } from 'vitest';

const program = new URL('./slow-answers-fixture.mjs', import.meta.url);

type Control = {
  start(): void;
  work(turns: number): number | Promise<number>;
  fail(): void;
  close(): void;
};

test('calls that are under way when an instance is closed are answered', async () => {
  await using pool = new WorkerPool({ program, maxInstances: 1 });
  const instance = await pool.start<Control, undefined>(undefined);
  // The thread has started: what is left until the end are a few turns of its event loop.
  await instance.call('start');
  const answers = [instance.call('work', 0), instance.call('work', 10), instance.call('fail')];
  const settled = Promise.allSettled(answers);
  await instance.close();
  expect(await instance.ended).toEqual({ kind: 'returned', hangs: false });
  expect(await settled).toMatchObject([
    { value: 0 },
    { value: 10 },
    { reason: { name: 'RangeError', message: 'too late' } },
  ]);
});

/** An instance whose program is in this thread, and how to say that it has ended. */
function instanceHere(methods: Partial<Control>) {
  const control = new MessageChannel();
  const events = new MessageChannel();
  let end: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const received: unknown[] = [];
  const instance = new WorkerInstance<Control>({
    controlPort: control.port1,
    eventPort: events.port1,
    ended: ended.then(() => ({ kind: 'returned', hangs: false })),
    released: Promise.resolve(),
    terminate() {},
    destroy() {},
    onEvent: (event) => received.push(event),
  });
  const served = serveControl(control.port2, { close() {}, ...methods });
  return { instance, control: control.port2, events: events.port2, received, served, end };
}

test('a call that comes behind the close of an instance is refused', async () => {
  let finish: (result: number) => void = () => {};
  const work = () =>
    new Promise<number>((resolve) => {
      finish = resolve;
    });
  const { instance, served, end } = instanceHere({ work });
  void served.then(end);
  const answered = instance.call('work', 0);
  const closed = instance.close();
  await expect(instance.call('work', 0)).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  expect(instance.isClosed).toBe(false);
  finish(100);
  expect(await answered).toBe(100);
  await closed;
  expect(instance.isClosed).toBe(true);
});

test('what was posted before an instance ended is delivered, also when its end is known first', async () => {
  const { instance, control, events, received, end } = instanceHere({ work: (turns) => turns });
  // As late as it can be: in the turn in which the end is known, and in which the event loop has been at the other ports before.
  control.postMessage = (...message: Parameters<MessagePort['postMessage']>) => {
    events.postMessage('at last');
    MessagePort.prototype.postMessage.apply(control, message);
    end();
  };
  expect(await instance.call('work', 7)).toBe(7);
  await instance.ended;
  expect(received).toEqual(['at last']);
  await expect(instance.call('work', 8)).rejects.toMatchObject({ code: 'ERR_PLUGIN_LOST' });
});
