// Lines of JSON objects in three columns: time, level, and the message with whatever else the object has. A line that is no
// object is shown as it is.
import { log } from 'chipmunk:shared/logging@0.1.0';

const LINE_FEED = 10;
/** Of one call: their objects must fit into the heap. */
const MOST_ITEMS = 4096;

const decoder = new TextDecoder();
let names = { time: '', level: '', message: '' };
/** Bytes that the last call left. */
let left = 0;

export const parser = {
  getVersion: () => ({ major: 0, minor: 1, patch: 0 }),

  getConfigSchemas: () =>
    ['time', 'level', 'message'].map((id) => ({
      id,
      title: `Name of the ${id}`,
      description: undefined,
      inputType: { tag: 'text', val: id },
    })),

  getRenderOptions() {
    const columns = [
      { caption: 'Time', description: '', width: 150 },
      { caption: 'Level', description: '', width: 60 },
      { caption: 'Message', description: '', width: -1 },
    ];
    return { columnsOptions: { columns, minWidth: 30, maxWidth: 600 } };
  },

  init(_general, items) {
    names = Object.fromEntries(items.map(({ id, value }) => [id, value.val]));
    if (names.time === names.message) throw { tag: 'config', val: 'time and message have the same name' };
    left = 0;
    console.log('json-lines takes', names.time, names.level, names.message);
    log('info', 'json-lines is ready');
  },

  parse(data) {
    const items = [];
    let at = 0;
    while (items.length < MOST_ITEMS) {
      const end = data.indexOf(LINE_FEED, at);
      if (end === -1) break;
      items.push(item(data.subarray(at, end), end + 1 - at));
      at = end + 1;
    }
    // What was left comes again and is no longer: the input has ended, and this is the last line.
    if (at === 0 && data.length > 0 && data.length === left) items.push(item(data, data.length));
    left = items.length < MOST_ITEMS ? data.length - at : 0;
    return items;
  },
};

function item(bytes, consumed) {
  const text = decoder.decode(bytes);
  return { value: { tag: 'message', val: message(text) }, consumed: BigInt(consumed) };
}

function message(text) {
  let object;
  try {
    object = JSON.parse(text);
  } catch {
    return { tag: 'line', val: text };
  }
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return { tag: 'line', val: text };
  const { [names.time]: time = '', [names.level]: level = '', [names.message]: main = '', ...rest } = object;
  const more = Object.entries(rest).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  return { tag: 'columns', val: [shown(time), shown(level), shown(main) + more.join('')] };
}

function shown(value) {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
