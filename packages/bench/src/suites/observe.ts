/** What measuring a plugin's calls costs, alone: the loop's part around a call of a plugin that does nothing, in one thread. */
import {
  CallMonitor,
  createInstanceMeter,
  InstanceMeterWriter,
  Turns,
  threadUsage,
} from '@chipmunk-host/hosts/internal/worker';
import { createRunStatus } from '@chipmunk-host/runtime/internal/supervisor';
import { RunStatusWriter } from '@chipmunk-host/runtime/internal/worker';
import type { Case, Suite } from '../suite.js';

/** So few that most chunks are not interrupted, on a busy machine too: the fastest one counts. */
const CALLS_A_CHUNK = 2000;
const CHUNKS = 500;
const SLICE_BYTES = 65_536;

export const observe: Suite = {
  name: 'observe',
  description: 'what measuring costs around a call of a plugin, which does nothing',
  async open() {
    return { cases: [metricsCase()], close: async () => {} };
  },
};

/** The cost is the difference of the two sides. */
function metricsCase(): Case {
  const measured = callsOf(new InstanceMeterWriter(createInstanceMeter(), threadUsage));
  const plain = callsOf(undefined);
  return {
    name: 'metrics',
    unit: 'ns/call',
    ours: { name: 'with metrics', run: () => fastest(measured) },
    baseline: { name: 'without', run: () => fastest(plain) },
  };
}

function fastest(calls: (count: number) => void) {
  let least = Number.POSITIVE_INFINITY;
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    const start = performance.now();
    calls(CALLS_A_CHUNK);
    least = Math.min(least, performance.now() - start);
  }
  return { digest: `${CHUNKS * CALLS_A_CHUNK} calls`, value: (least * 1e6) / CALLS_A_CHUNK };
}

/** What the producer loop does around each slice. @param meter undefined: nothing is measured */
function callsOf(meter: InstanceMeterWriter | undefined): (count: number) => void {
  const status = new RunStatusWriter(createRunStatus());
  const instance = { memoryBytes: SLICE_BYTES };
  const turns = new Turns(() => {});
  const calls = new CallMonitor({ status, meter, instance, lastLines: () => [] });
  const plugin = { prepare: () => SLICE_BYTES, parse: () => 1, release: () => {} };
  let items = 0;
  const slices = (count: number) => {
    for (let slice = 0; slice < count; slice++) {
      if (turns.isDue) turns.restart();
      calls.slice(SLICE_BYTES, false, slice);
      calls.prepare(turns.lookedAt, () => plugin.prepare());
      calls.readsInput();
      items += calls.call(() => plugin.parse());
      if (turns.isDue) turns.restart();
      calls.looked(turns.lookedAt);
      calls.release(() => plugin.release());
    }
  };
  return (count) => {
    const before = items;
    calls.stretch('parse', () => slices(count));
    if (items - before !== count) throw new Error(`expected ${count} calls; made ${items - before}`);
  };
}
