import { IngestSession } from '@chipmunk-host/hosts';
import { WorkerPool } from '@chipmunk-host/runtime/internal';
import { expect, test } from 'vitest';
import { setStage } from './support.js';

const program = new URL('./loaded-modules-fixture.mjs', import.meta.url);
const stage = setStage();

test("a parser's thread loads neither Node's HTTP client nor its cryptography", async () => {
  await using pool = new WorkerPool({ program, maxInstances: 1 });
  let loaded = '';
  await using session = await IngestSession.open({
    component: stage.stringParser,
    pool,
    source: { file: await stage.input('one\ntwo\n') },
    onLog: ({ message }) => {
      loaded = message;
    },
  });
  for await (const _ of session);
  await session.close();
  expect(loaded).toContain('NativeModule worker_threads');
  expect(loaded).not.toMatch(/undici|NativeModule crypto\b/);
});
