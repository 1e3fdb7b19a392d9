// The program of parsers' workers as it is shipped. It logs which of Node's own modules the thread has loaded when it is told to run.
import runParser from '../dist/threads/parser.js';

export default function run(task) {
  const { controlPort, eventPort } = task;
  controlPort.on('message', ({ path }) => {
    if (path?.[0] !== 'run') return;
    const message = process.moduleLoadList.join(' ');
    const line = { source: 'host', level: 'warn', message, time: Date.now() };
    eventPort.postMessage({ kind: 'log', lines: [line], dropped: 0 });
  });
  return runParser(task);
}
