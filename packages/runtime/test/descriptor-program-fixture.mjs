// Looks at a path of many directories, in a process that may have few files open. Prints the code of the error, or `ok`.
import { WasiHost } from '@chipmunk-host/runtime/internal/worker/wasi';

const [hostPath, path] = process.argv.slice(2);
const sinks = { onOutput: () => {}, onOutputDropped: () => {} };
const host = new WasiHost({ directories: [{ guestPath: '/', hostPath, access: 'read' }] }, {}, sinks);
const memory = new WebAssembly.Memory({ initial: 1 });
const caller = { memory: () => memory, realloc: () => () => 32_768 };
const call = (module, name, ...args) => host.replaceCoreImport(module, name, caller)(...args);

call('wasi:filesystem/preopens@0.2.0', 'get-directories', 0);
const view = new DataView(memory.buffer);
const directory = view.getUint32(view.getUint32(0, true), true);
const bytes = new Uint8Array(memory.buffer, 1024);
const { written } = new TextEncoder().encodeInto(path, bytes);
call('wasi:filesystem/types@0.2.0', '[method]descriptor.stat-at', directory, 1, 1024, written, 0);
console.log(view.getUint8(0) === 0 ? 'ok' : `error ${view.getUint8(8)}`);
host.close();
