/** wasi:clocks: the time, and timers to poll. */
import type { GuestMemory } from '../guest-memory.js';
import { Pollable } from '../io/poll.js';
import type { InterfaceFunctions } from '../wasi-context.js';

const NS_PER_SECOND = 1_000_000_000n;

export const monotonicClock: InterfaceFunctions = ({ clock, handles }) => ({
  now: () => clock.monotonicNs(),
  resolution: () => clock.monotonicResolutionNs,
  'subscribe-instant': (when: bigint) => handles.add(new Pollable(BigInt.asUintN(64, when))),
  'subscribe-duration': (duration: bigint) =>
    handles.add(new Pollable(clock.monotonicNs() + BigInt.asUintN(64, duration))),
});

export const wallClock: InterfaceFunctions = ({ clock }, memory) => ({
  now: (result: number) => writeDatetime(memory, memory.range(result, 16, 8), clock.wallNs()),
  resolution: (result: number) => writeDatetime(memory, memory.range(result, 16, 8), clock.wallResolutionNs),
});

/** Every time zone is UTC: the machine's own says where its user is. */
export const timezone: InterfaceFunctions = (_, memory) => ({
  display: (_seconds: bigint, _nanoseconds: number, result: number) => {
    const area = memory.range(result, 16, 4);
    memory.setText(area + 4, 'UTC');
    memory.setU32(area, 0);
    memory.setU8(area + 12, 0);
  },
  'utc-offset': () => 0,
});

/** Seconds and nanoseconds; a time before 1970 cannot be said and becomes 1970. */
export function writeDatetime(memory: GuestMemory, area: number, unixNs: bigint): void {
  const time = unixNs < 0n ? 0n : unixNs;
  memory.setU64(area, time / NS_PER_SECOND);
  memory.setU32(area + 8, Number(time % NS_PER_SECOND));
}
