import { createInputMemory, MARKS_BYTES } from '@chipmunk-host/hosts/internal';
import { RingInput, SourceRestarts } from '@chipmunk-host/hosts/internal/worker';
import { createRingMemory } from '@chipmunk-host/runtime/internal';
import { ByteRingReader } from '@chipmunk-host/runtime/internal/worker';
import { RingOutput } from '@chipmunk-host/sources/internal/worker';
import { expect, test } from 'vitest';

/** A source, and what a parser's thread after another reads of it. */
function stageOf(slots = 64) {
  const ring = createRingMemory({ slots, slotBytes: 4096 });
  const memory = createInputMemory(1024 * 1024, 1024 * 1024);
  const marks = new SharedArrayBuffer(MARKS_BYTES);
  let reported = 0;
  return {
    output: new RingOutput(ring),
    report: (number: number) => {
      reported = number;
    },
    /** Another thread: it has nothing but what is in shared memory. */
    takeOver() {
      const events = new SourceRestarts([]);
      const onEvent = (position: number, text: Uint8Array) => events.addEvent(position, text);
      const parts = { memory: marks, reported: () => reported, onEvent };
      return {
        input: new RingInput(new ByteRingReader(ring), { memory: memory as never, marks: parts, lingerMs: 5 }),
        events,
      };
    },
  };
}

function textAt(input: RingInput, offset: number, byteLength: number): string {
  const bytes = new Uint8Array(byteLength);
  expect(input.read(bytes, offset)).toBe(byteLength);
  return Buffer.from(bytes).toString();
}

test('packets come one at a time, and together only when more is asked for; also behind the loss of a thread', async () => {
  const { output, takeOver } = stageOf();
  for (const text of ['one', 'two', 'three']) output.packet(Buffer.from(text));
  output.flush();
  let { input } = takeOver();
  expect(await input.available(0, 100, 1)).toBe(3);
  expect(input.endsAt(3)).toBe(false);
  expect(await input.available(3, 100, 1)).toBe(3);
  expect(await input.available(6, 100, 1)).toBe(5);
  ({ input } = takeOver());
  expect(await input.available(0, 100, 1)).toBe(3);
  // What was left of the first, and one byte more.
  expect(await input.available(1, 100, 3)).toBe(5);
  expect(textAt(input, 1, 5)).toBe('netwo');
  input.consume(6);
  ({ input } = takeOver());
  expect(await input.available(6, 100, 1)).toBe(5);
  expect(textAt(input, 6, 5)).toBe('three');
});

test('the time is the last one that was seen, and stays behind the loss of a thread and what has no time', async () => {
  const { output, takeOver } = stageOf();
  output.packet(Buffer.from('none'));
  output.packet(Buffer.from('first'), { timestampMs: 1000 });
  output.packet(Buffer.from('second'));
  output.packet(Buffer.from('third'), { timestampMs: 3000 });
  output.flush();
  let { input } = takeOver();
  expect(await input.available(0, 100, 20)).toBe(20);
  const times = () => [4, 9, 15, 16, 20].map((end) => input.timeBefore(end));
  expect(times()).toEqual([undefined, 1000, 1000, 3000, 3000]);
  input.consume(15);
  ({ input } = takeOver());
  expect(input.timeBefore(15)).toBe(1000);
  expect(input.timeBefore(16)).toBe(3000);
  output.timestamp(4000);
  output.write(Buffer.from('text'));
  output.flush();
  expect(await input.available(15, 100, 1)).toBe(5);
  expect(await input.available(20, 100, 1)).toBe(4);
  expect(input.timeBefore(24)).toBe(4000);
});

test('an input ends where another begins, which any thread finds there until it goes on with it', async () => {
  const { output, takeOver, report } = stageOf();
  await output.segment({ name: 'a', type: 'tcp' });
  output.write(Buffer.from('first'));
  await output.segment({ name: 'b', type: 'tcp', note: { event: 'reconnected', message: 'Back.' } });
  output.write(Buffer.from('other'));
  await output.end();
  let { input } = takeOver();
  expect(await input.available(0, 100, 1)).toBe(0);
  expect(input.following).toEqual({ source: { number: 0, name: 'a', type: 'tcp' }, note: undefined });
  input.beginFollowing();
  expect(input.origin).toEqual({ number: 0, name: 'a', type: 'tcp' });
  for (let thread = 0; thread < 3; thread++) {
    expect(await input.available(0, 100, 6)).toBe(5);
    expect(input.endsAt(5)).toBe(true);
    expect(input.endsAt(4)).toBe(false);
    expect(input.following).toMatchObject({ source: { number: 1, name: 'b' }, note: { number: 1 } });
    ({ input } = takeOver());
  }
  expect(await input.available(0, 100, 6)).toBe(5);
  input.consume(5);
  report(1);
  input.beginFollowing();
  ({ input } = takeOver());
  expect(input.origin).toEqual({ number: 1, name: 'b', type: 'tcp' });
  expect(await input.available(5, 100, 100)).toBe(5);
  expect(textAt(input, 5, 5)).toBe('other');
  expect(input.following).toBe(undefined);
});

test('an event comes at its position, ends a wait, and is kept until it is reported', async () => {
  const { output, takeOver, report } = stageOf();
  output.write(Buffer.from('abc'));
  await output.event({ event: 'dropped', message: 'Two were dropped.', count: 2 });
  let { input, events } = takeOver();
  expect(await input.available(0, 100, 1)).toBe(0);
  expect(events.dueAt).toBe(3);
  input.consume(3);
  ({ input, events } = takeOver());
  expect(events.dueAt).toBe(3);
  const [pending, ...none] = events.take(3);
  expect(none).toEqual([]);
  expect(pending?.recordAt(3)).toEqual({
    type: 'source',
    event: 'dropped',
    message: 'Two were dropped.',
    count: 2,
    byteCount: undefined,
    peer: undefined,
    details: undefined,
    offset: 3,
    length: 0,
    sourceOffset: 3,
  });
  report(1);
  expect(takeOver().events.dueAt).toBe(Number.POSITIVE_INFINITY);
});

test('where more packets are kept than can be noted, it waits until some are consumed, and joins those that are wanted at once', async () => {
  const { output, takeOver } = stageOf(1024);
  const count = 20_000;
  for (let packet = 0; packet < count; packet++) output.packet(Buffer.from('abc'));
  output.flush();
  const { input } = takeOver();
  let known = 0;
  // A parser that takes each packet, and whose items are not published.
  let offset = 0;
  let ready = input.available(offset, 100, 1);
  for (; typeof ready === 'number'; ready = input.available(offset, 100, 1)) {
    expect(ready).toBe(3);
    offset += 3;
    known++;
  }
  expect(known).toBeGreaterThan(3000);
  expect(known).toBeLessThan(count);
  expect(input.isCrowded).toBe(true);
  expect(await ready).toBe(0);
  input.consume(offset);
  expect(await input.available(offset, 100, 1)).toBe(3);
  // One that wants all the rest at once.
  const rest = count * 3 - offset;
  let crowded = 0;
  while ((await input.available(offset, rest, rest)) === 0) {
    crowded++;
    input.consume(offset);
  }
  expect(crowded).toBeGreaterThan(1);
  expect(await input.available(offset, rest, rest)).toBe(rest);
});
