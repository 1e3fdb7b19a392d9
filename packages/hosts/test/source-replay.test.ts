import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { SourceReplay } from '#worker/source-plugin/source-replay.js';

/** Reads `content` again in stretches of `most` bytes, for one that was delivered as `delivered`. */
function readAgain(content: string, delivered: string, most: number): SourceReplay {
  const replay = new SourceReplay(delivered.length, crc32(delivered), most);
  for (let at = 0; !replay.done; ) {
    const target = replay.target();
    const count = Math.min(target.length, content.length - at);
    target.set(Buffer.from(content.slice(at, at + count)));
    replay.add(count);
    at += count;
  }
  return replay;
}

test.each([1, 3, 100])('what comes again is known by its checksum, read in stretches of up to %i bytes', (most) => {
  expect(readAgain('one two three', 'one two three', most).matches).toBe(true);
  expect(readAgain('one two thrEe', 'one two three', most).matches).toBe(false);
});

test('no more is read again than was delivered', () => {
  const replay = readAgain('one two three, and more', 'one two three', 5);
  expect(replay.offset).toBe(13);
  expect(replay.matches).toBe(true);
});
