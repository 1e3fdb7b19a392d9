// A program for control-calls.test.ts: a call of it is answered only some turns after it was told to end.
import { serveControl } from '@chipmunk-host/runtime/internal/worker';

export default async function run({ controlPort }) {
  let close;
  const closed = new Promise((resolve) => {
    close = resolve;
  });
  await serveControl(controlPort, {
    start() {},
    async work(turns) {
      await closed;
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      return turns;
    },
    async fail() {
      await closed;
      throw new RangeError('too late');
    },
    close: () => close(),
  });
  controlPort.close();
}
