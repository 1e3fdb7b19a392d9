/**
 * Compiles mutants one after the other, spawned by loader.mjs. The component is compiled as compile.worker.ts does it; then its
 * bindings are run with stand-ins for everything, so that code in them that is not jco's shows itself.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { compileComponent } from '#worker/compile/compile-component.js';

const { limits, caps } = workerData;
const UNSAFE = /['"`\\{}*\p{Cc}\u2028\u2029]/u;

parentPort.on('message', async (bytes) => {
  parentPort.postMessage(await judge(bytes));
});

async function judge(bytes) {
  const before = fingerprint();
  try {
    const component = await compileComponent({ bytes, hash: '', cacheDirectory: undefined, limits, caps }, []);
    const name = [...namesOf(component)].find((name) => UNSAFE.test(name));
    if (name !== undefined) return { finding: `the name ${JSON.stringify(name)} came through` };
    await run(component.glue);
    return fingerprint() === before ? { compiled: true } : { finding: 'the bindings changed the global object' };
  } catch (error) {
    if (fingerprint() !== before) return { finding: 'the bindings changed the global object' };
    return { code: error.code, message: String(error.message), stack: error.stack };
  }
}

function* namesOf({ modules, imports, exports }) {
  yield* imports;
  yield* exports;
  for (const module of modules.values()) {
    for (const entry of WebAssembly.Module.imports(module)) yield* [entry.module, entry.name];
    for (const entry of WebAssembly.Module.exports(module)) yield entry.name;
  }
}

/** Bindings must be JavaScript; that they cannot do anything with stand-ins is no matter. */
async function run(glue) {
  const { instantiate } = await import(`data:text/javascript;base64,${Buffer.from(glue).toString('base64')}`);
  try {
    instantiate(
      () => ({}),
      anything(() => anything(standIn)),
      () => ({ exports: anything(standIn) }),
    );
  } catch (error) {
    if (error instanceof SyntaxError) throw error;
  }
}

function standIn() {
  return () => 0;
}

function anything(make) {
  return new Proxy({}, { get: (_, name) => (typeof name === 'symbol' ? undefined : make()) });
}

function fingerprint() {
  return [globalThis, Object.prototype, Array.prototype, Function.prototype]
    .map((object) => Object.getOwnPropertyNames(object).join())
    .join(';');
}
