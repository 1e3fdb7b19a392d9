import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { markOwner, newMark, parseMark } from '@chipmunk-host/runtime/internal';
import { describe, expect, test } from 'vitest';

const parsed = (name: string) => {
  const mark = parseMark(name);
  if (mark === undefined) throw new Error(`${name} is no mark`);
  return mark;
};

describe('a mark', () => {
  test('tells the process and the time, is unique, and sorts by age', async () => {
    const marks = [newMark(), newMark()];
    while (Date.now().toString(36).padStart(9, '0') <= (marks[1] ?? '').slice(0, 9));
    marks.push(newMark());
    expect(new Set(marks).size).toBe(3);
    expect([...marks].sort()[2]).toBe(marks[2]);
    expect(parsed(marks[0] ?? '')).toMatchObject({ pid: process.pid });
    expect(Math.abs(parsed(marks[0] ?? '').madeAt.getTime() - Date.now())).toBeLessThan(60_000);
  });

  test('of this process belongs to a living one', () => {
    expect(markOwner(parsed(newMark()))).toBe('alive');
  });

  test('of a process that was killed belongs to a dead one, also before anybody waited for it', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6); console.log("up")'], { stdio: 'pipe' });
    await once(child.stdout, 'data');
    const mark = { ...parsed(newMark()), pid: child.pid ?? 0, start: '0' };
    // The start is not the child's, so that on Linux this is somebody else's.
    if (process.platform === 'linux') expect(markOwner(mark)).toBe('dead');
    else expect(markOwner(mark)).toBe('alive');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(markOwner(mark)).toBe('dead');
  });

  test('of another machine, boot or container belongs to a process that cannot be queried', () => {
    expect(markOwner({ ...parsed(newMark()), machine: '00000000' })).toBe('unknown');
  });

  test.each(['', '.', '.DS_Store', 'zzzz', '0mc-1-2-3-4'])('is not %j', (name) => {
    expect(parseMark(name)).toBeUndefined();
  });
});
