// Prints as JSON what the classifier makes of a failure that the system really causes: node ….mjs NAME DIRECTORY
import { openSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { environmentFault, requireWebAssembly } from '@chipmunk-host/runtime/internal';

// All that is needed, before there is no descriptor left to load it.
const [, , name, directory] = process.argv;

/** As long as the address space lasts. */
function fill(allocate) {
  const held = [];
  for (;;) held.push(allocate());
}

const failures = {
  memory: () => fill(() => new WebAssembly.Memory({ initial: 1, maximum: 65_536 })),
  'shared memory': () => fill(() => new WebAssembly.Memory({ initial: 1, maximum: 65_536, shared: true })),
  instance: () => {
    // (module (memory 1))
    const bytes = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 0, 1]);
    const module = new WebAssembly.Module(bytes);
    fill(() => new WebAssembly.Instance(module));
  },
  'asynchronous instance': async () => {
    const bytes = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 0, 1]);
    const held = [];
    for (;;) held.push(await WebAssembly.instantiate(bytes));
  },
  buffer: () => fill(() => new ArrayBuffer(1024 * 1024 * 1024)),
  descriptors: () => fill(() => openSync('/dev/null')),
  'working directory': () => process.cwd(),
  'thread without a working directory': () =>
    new Promise((_, reject) => new Worker('', { eval: true }).once('error', reject)),
  'no WebAssembly': () => requireWebAssembly(),
  'missing WebAssembly': () => new WebAssembly.Memory({ initial: 1 }),
  'unwritable folder': () => openSync(`${directory}/missing/file`, 'w'),
};

process.on('exit', () => {});
try {
  await failures[name]();
  process.stdout.write('{}');
} catch (error) {
  const fault = environmentFault(error, 'It failed') ?? { code: 'none', message: `${error.name}: ${error.message}` };
  process.stdout.write(JSON.stringify({ code: fault.code, message: fault.message, help: fault.help }));
}
