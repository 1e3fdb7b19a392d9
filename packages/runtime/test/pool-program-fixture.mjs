// The program of the workers in worker-pool.test.ts.
import { PluginContractError, serveControl } from '@chipmunk-host/runtime/internal/worker';

export default function run({ controlPort, eventPort, payload }) {
  return new Promise((resolve) => {
    serveControl(controlPort, {
      echo: (value) => ({ value, payload }),
      say: (event) => eventPort.postMessage(event),
      fail: () => {
        throw new PluginContractError('three is too many', {
          plugin: 'p',
          phase: 'parse',
          help: 'say two',
          cause: new RangeError('3'),
        });
      },
      exit: () => process.exit(7),
      loop: () => {
        for (;;);
      },
      close: () => setImmediate(resolve),
    });
  });
}
