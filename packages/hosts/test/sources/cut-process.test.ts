/**
 * Commands that are killed, stopped and closed at random moments: what was delivered is a prefix of what they wrote. `npm run long -- cut-process`
 * has many rounds.
 */
import { IngestSession, type SourceNotice } from '@chipmunk-host/hosts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { setStage } from '../support.js';

const ROUNDS = Number(process.env.CUT_ROUNDS ?? 12);
const SEED = Number(process.env.CUT_SEED ?? 7);
const stage = setStage();

/** Whether these are the numbers from 1 on, of which the last may be cut. */
function isPrefix(texts: readonly string[], isCut: boolean): boolean {
  return texts.every((text, at) =>
    isCut && at === texts.length - 1 ? String(at + 1).startsWith(text) : text === String(at + 1),
  );
}

test.runIf(process.platform !== 'win32')(`a command that is cut off at ${ROUNDS} random moments`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('kill', 'terminate', 'stop', 'close'),
      fc.nat(300_000),
      fc.nat(20),
      async (how, bytes, maxLatencyMs) => {
        const command = ['/bin/sh', '-c', 'echo $$; exec seq 1 100000000'];
        const session = await IngestSession.open({
          component: stage.stringParser,
          pool: stage.pool,
          source: { process: { command } },
          window: { bytes: 64 * 1024 },
          maxLatencyMs,
        });
        const texts: string[] = [];
        const notices: SourceNotice[] = [];
        let isCutOff = false;
        for await (const element of session) {
          if (element.type === 'source') notices.push(element);
          if (element.type !== 'batch') continue;
          for (const { text } of element) texts.push(text);
          if (isCutOff || session.progress.bytes < bytes) continue;
          isCutOff = true;
          if (how === 'kill') process.kill(Number(texts[0]), 'SIGKILL');
          if (how === 'terminate') process.kill(Number(texts[0]), 'SIGTERM');
          if (how === 'stop') session.stop();
          if (how === 'close') await session.close();
        }
        const pid = Number(texts.shift());
        expect(isPrefix(texts, how !== 'close')).toBe(true);
        expect(session.summary.status).toBe(how === 'close' ? 'stopped' : 'completed');
        const signals = { kill: ['SIGKILL'], terminate: ['SIGTERM'], stop: [], close: [] }[how];
        expect(notices.map(({ details }) => details?.signal)).toEqual(signals);
        await session.ended;
        expect(() => process.kill(pid, 0)).toThrow('ESRCH');
      },
    ),
    { numRuns: ROUNDS, seed: SEED },
  );
  expect(stage.pool.usage).toMatchObject({ inUse: 0 });
});
