/** wasi:io/poll. Files and standard streams are always ready; only timers are waited for. */
import { PluginContractError } from '../../../shared/errors.js';
import { dropFunctions, type Resource } from '../handle-table.js';
import type { InterfaceFunctions, WasiContext } from '../wasi-context.js';

export class Pollable implements Resource {
  /** Monotonic instant in nanoseconds; undefined when it is ready at all times. */
  readyAtNs: bigint | undefined;

  constructor(readyAtNs?: bigint) {
    this.readyAtNs = readyAtNs;
  }

  dispose(): void {}
}

export const poll: InterfaceFunctions = (context, memory) => {
  const { handles } = context;
  return {
    '[method]pollable.ready': (self: number) => (isReady(context, handles.get(self, Pollable)) ? 1 : 0),
    '[method]pollable.block': (self: number) => {
      waitForFirst(context, [handles.get(self, Pollable)]);
    },
    poll: (list: number, count: number, result: number) => {
      const length = count >>> 0;
      if (length === 0 || length > context.limits.handles)
        throw new PluginContractError(`The plugin polls ${length} handles; expected 1 to ${context.limits.handles}.`);
      const area = memory.range(result, 8, 4);
      const start = memory.range(list, length * 4, 4);
      const pollables = Array.from({ length }, (_, i) => handles.get(memory.u32(start + i * 4), Pollable));
      const ready = waitForFirst(context, pollables);
      const indexes = memory.allocate(ready.length * 4, 4);
      for (const [i, index] of ready.entries()) memory.setU32(indexes + i * 4, index);
      memory.setU32(area, indexes);
      memory.setU32(area + 4, ready.length);
    },
    ...dropFunctions(handles, { pollable: Pollable }),
  };
};

function isReady({ clock }: WasiContext, { readyAtNs }: Pollable): boolean {
  return readyAtNs === undefined || clock.monotonicNs() >= readyAtNs;
}

/** Sleeps until one is ready. @returns the indexes of those that are. */
function waitForFirst({ clock, limits }: WasiContext, pollables: readonly Pollable[]): number[] {
  const first = pollables.reduce((a, b) => ((b.readyAtNs ?? -1n) < (a.readyAtNs ?? -1n) ? b : a));
  if (first.readyAtNs !== undefined) {
    clock.sleepUntil(first.readyAtNs, limits.sleepMs);
    // Also where the limit cut the sleep short, so that what was waited for is over in every later call too.
    first.readyAtNs = undefined;
  }
  const now = clock.monotonicNs();
  return pollables.flatMap(({ readyAtNs }, i) => (readyAtNs === undefined || readyAtNs <= now ? [i] : []));
}
