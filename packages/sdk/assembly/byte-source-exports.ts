/** The component's exports of a byte-source plugin, as core functions. */
import { ByteSource } from './byte-source';
import { beginCall, endCall } from './calls';
import { initialise, result, storeSchemas, storeVersion } from './exports';
import { Output } from './output';

export { cabi_realloc } from './calls';

const output = new Output();
let create: (() => ByteSource) | null = null;
let source: ByteSource | null = null;

/** Sets how the author's byte-source is made. That waits for the first call: before, nothing may be asked of the host. */
export function provide(factory: () => ByteSource): void {
  create = factory;
}

export function getVersion(): usize {
  return storeVersion(begin());
}

export function getConfigSchemas(): usize {
  return storeSchemas(begin());
}

export function init(logLevel: i32, configs: usize, count: i32): usize {
  return initialise(begin(), logLevel, configs, count);
}

export function read(length: u64): usize {
  const target = begin();
  target.read(<usize>min<u64>(length, <u64>usize.MAX_VALUE), output);
  output.store(result);
  return result;
}

/** After the host has read a result. */
export function post(_result: usize): void {
  output.clear();
  endCall();
}

function begin(): ByteSource {
  output.clear();
  beginCall();
  if (source === null) source = create!();
  return source!;
}
