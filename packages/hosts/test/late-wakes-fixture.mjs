// The program of parsers' and byte-sources' workers, in a thread that is slow to wake: it notices the end of a wait only when its `close`
// call was handled, and never where the plugin is called `deaf`. It tells with a log line that it waits.
import runByteSource from '#worker/byte-source.worker.js';
import runParser from '#worker/parser.worker.js';

const { waitAsync } = Atomics;
let noticed;
let tell;

Atomics.wait = () => 'timed-out';
Atomics.waitAsync = (...args) => {
  const wait = waitAsync(...args);
  if (!wait.async) return wait;
  tell();
  return { async: true, value: wait.value.then(() => noticed) };
};

export default function run(task) {
  const { controlPort, eventPort, payload } = task;
  noticed = new Promise((resolve) => {
    if (payload.plugin === 'deaf') return;
    controlPort.on('message', ({ path }) => {
      // Behind all that the call does in its own turn and in the next.
      if (path?.[0] === 'close') setImmediate(() => setImmediate(resolve));
    });
  });
  tell = () => {
    const line = { source: 'host', level: 'warn', message: 'It waits.', time: Date.now() };
    eventPort.postMessage({ kind: 'log', lines: [line], dropped: 0 });
  };
  return 'progress' in payload ? runByteSource(task) : runParser(task);
}
