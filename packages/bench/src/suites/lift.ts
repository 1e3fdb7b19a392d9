/** How items leave a plugin, in one thread: from input in memory to msgpack in shared memory. */
import { readFileSync } from 'node:fs';
import { interopPlugin } from '@chipmunk-host/compat';
import { type CompiledComponent, compile } from '@chipmunk-host/runtime';
import { benchPlugin, stringParser } from '../bench-plugins.js';
import { BindingsLift, type Flags, OurLift } from '../lift-sides.js';
import { logText } from '../log-text.js';
import { type Case, type Suite, throughput } from '../suite.js';

/** Whole attachments, whole windows. */
const INPUT_BYTES = 64 * 1024 * 1024;

export const lift: Suite = {
  name: 'lift',
  description: 'input in memory -> parse -> msgpack in shared memory, one thread',
  async open() {
    const strings = await stringParser();
    const joined = await benchPlugin('joined-columns');
    const attachments = await benchPlugin('attachments');
    const text = logText(INPUT_BYTES);
    const cases = [
      await liftCase('lines', strings, text, { columns: false }),
      await liftCase('columns', strings, text, { columns: true }),
      await liftCase('joined-columns', joined, text, {}),
      await liftCase('attachments', attachments, text.subarray(0, INPUT_BYTES), {}),
      await hostShareCase(text),
    ];
    return { cases, close: async () => {} };
  },
};

async function liftCase(name: string, component: CompiledComponent, input: Buffer, flags: Flags): Promise<Case> {
  const ours = await OurLift.open(component, flags);
  const baseline = await BindingsLift.open(component, flags);
  requireSameItems(ours.descriptions(input), baseline.descriptions(input), name);
  return {
    name,
    ...throughput(input.length),
    ours: { name: 'direct call + wasm lifter', run: () => `${ours.run(input)} items` },
    baseline: { name: 'jco bindings + msgpackr', run: () => `${baseline.run(input)} items` },
  };
}

/** How much of the time is the plugin's own, with one as other people's tools make it: Rust, two owned strings an item. */
async function hostShareCase(input: Buffer): Promise<Case> {
  const component = await compile(readFileSync(interopPlugin('lines')));
  const lifted = await OurLift.open(component, {});
  const alone = await OurLift.open(component, {});
  const starts = lifted.sliceStarts(input);
  return {
    name: 'plugin-share',
    ...throughput(input.length),
    ours: { name: 'plugin and host', run: () => `${lifted.run(input)} items` },
    baseline: { name: 'the plugin alone', run: () => `${alone.parseAlone(input, starts)} items` },
  };
}

/** Every item, once, before anything is measured; the measured runs are compared by their totals. */
function requireSameItems(ours: Iterable<string>, baseline: Iterable<string>, name: string): void {
  const others = baseline[Symbol.iterator]();
  let count = 0;
  for (const item of ours) {
    const other = others.next();
    if (other.done || item !== other.value)
      throw new Error(`lift ${name}: item ${count} differs: ${JSON.stringify(item)}, ${JSON.stringify(other.value)}`);
    count++;
  }
  if (others.next().done !== true) throw new Error(`lift ${name}: the baseline has more than ${count} items`);
}
