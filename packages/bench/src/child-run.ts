/** Work that is measured in a process of its own: what only a fresh process can show, such as its peak of memory or a first load. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ChildWork } from './child.js';

const run = promisify(execFile);

/** Runs one of the works of child.ts, with flags of Node. @throws when it fails, with what it wrote to stderr */
export async function runChild<Name extends keyof ChildWork>(
  name: Name,
  request: Parameters<ChildWork[Name]>[0],
  flags: readonly string[] = [],
): Promise<Awaited<ReturnType<ChildWork[Name]>>> {
  const program = fileURLToPath(new URL('./child.js', import.meta.url));
  const { stdout } = await run(process.execPath, ['--expose-gc', ...flags, program, name, JSON.stringify(request)], {
    maxBuffer: 16 * 1024 * 1024,
  });
  return JSON.parse(stdout) as Awaited<ReturnType<ChildWork[Name]>>;
}
