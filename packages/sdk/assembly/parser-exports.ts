/** The component's exports of a parser plugin, as core functions. */
import { beginCall, endCall } from './calls';
import { initialise, result, storeSchemas, storeVersion } from './exports';
import { Input } from './input';
import { forgetTimes, storeTimes } from './item-times';
import { Items } from './items';
import { Parser } from './parser';
import { RenderOptions } from './render-options';

export { cabi_realloc } from './calls';

const input = new Input();
const items = new Items();
let create: (() => Parser) | null = null;
let parser: Parser | null = null;

/** Sets how the author's parser is made. That waits for the first call: before, nothing may be asked of the host. */
export function provide(factory: () => Parser): void {
  create = factory;
}

export function getVersion(): usize {
  return storeVersion(begin());
}

export function getConfigSchemas(): usize {
  return storeSchemas(begin());
}

export function getRenderOptions(): usize {
  RenderOptions.store(result, begin().renderOptions());
  return result;
}

export function init(logLevel: i32, configs: usize, count: i32): usize {
  return initialise(begin(), logLevel, configs, count);
}

export function parse(data: usize, length: usize, hasTimestamp: i32, timestamp: u64): usize {
  const target = begin();
  input.start = data;
  input.end = data + length;
  input.hasTimestamp = hasTimestamp != 0;
  input.timestamp = timestamp;
  forgetTimes();
  target.parse(input, items);
  items.store(result);
  return result;
}

/** Comes behind `parse`, whose result is still there: a case, and behind it the list of items. Exported only when the parser gives times. */
export function getItemTimes(): usize {
  storeTimes(result, load<u8>(result) == 0 ? load<i32>(result, 8) : 0);
  return result;
}

/** After the host has read a result. */
export function post(_result: usize): void {
  items.clear();
  endCall();
}

function begin(): Parser {
  items.clear();
  beginCall();
  if (parser === null) parser = create!();
  return parser!;
}
