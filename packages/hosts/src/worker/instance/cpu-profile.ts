/** A sampling profile of this thread while it works, written to a file that the developer tools of Chrome open. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { Session } from 'node:inspector';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { describe } from '@chipmunk-host/runtime/internal/worker';

/** Of file names: what a plugin is called may be a path. */
const MOST_NAME_UNITS = 64;

export interface ProfileParts {
  readonly directory: string;
  readonly plugin: string;
  /** Told when there will be no profile: the work goes on. */
  warn(message: string): void;
}

/** Does the work and writes its profile, whether it succeeds or not. */
export async function profiled<Outcome>(parts: ProfileParts, work: () => Promise<Outcome>): Promise<Outcome> {
  const session = await start(parts);
  try {
    return await work();
  } finally {
    if (session !== undefined) await finish(session, parts);
  }
}

async function start({ warn }: ProfileParts): Promise<Session | undefined> {
  try {
    const { Session } = await import('node:inspector');
    const session = new Session();
    session.connect();
    await ask(session, 'Profiler.enable');
    await ask(session, 'Profiler.start');
    return session;
  } catch (error) {
    warn(`There is no profile of this thread: ${describe(error)}`);
    return undefined;
  }
}

async function finish(session: Session, { directory, plugin, warn }: ProfileParts): Promise<void> {
  try {
    const { profile } = (await ask(session, 'Profiler.stop')) as { readonly profile: object };
    const name = plugin.replace(/[^\w.-]+/g, '_').slice(-MOST_NAME_UNITS);
    const path = join(directory, `${name}-${process.pid}-${threadId}-${randomUUID().slice(0, 8)}.cpuprofile`);
    await writeFile(path, JSON.stringify(profile), { flag: 'wx' });
  } catch (error) {
    warn(`The profile of this thread could not be written: ${describe(error)}`);
  } finally {
    session.disconnect();
  }
}

function ask(session: Session, method: string): Promise<unknown> {
  return new Promise((resolve, reject) =>
    session.post(method, (error, result) => (error === null ? resolve(result) : reject(error))),
  );
}
