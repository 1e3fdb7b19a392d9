/** What sessions of the soak do: a plugin, an input, and what must come of it, item by item. */
import { deepStrictEqual } from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IngestSession } from '@chipmunk-host/hosts';

const WORDS = ['line', 'of', 'the', 'soak', 'änd', '日本', '', ' '];
/** Long enough for an instance to start on a busy machine. */
const DEADLINE_MS = 500;
const RECOVERY = { maxRestarts: 100_000 };

/** Each is told `{ stage, random, name }`, and throws when something is not as it must be. */
export const SCENARIOS = {
  async healthy({ stage, random, name }) {
    const lines = someLines(random, 3000);
    const { texts } = await ingest(stage, name, lines, { component: stage.stringParser, window: window(random) });
    deepStrictEqual(texts, lines);
  },

  async trappingLines({ stage, random, name }) {
    const lines = someLines(random, 200, ['!trap', '!utf8', '!pointer', '!divide']);
    const { texts, gaps } = await ingest(stage, name, lines, { component: stage.faulty, window: window(random) });
    const good = lines.filter((line) => !line.startsWith('!'));
    deepStrictEqual({ texts, gaps }, { texts: good, gaps: lines.length - good.length });
  },

  async trappingNowAndThen({ stage, random, name }) {
    const lines = someLines(random, 400);
    const config = { kind: random.pick(['trap', 'recurse', 'throw']), after: 2 + random.below(10) };
    const { texts, gaps } = await ingest(stage, name, lines, {
      component: stage.faulty,
      window: window(random),
      config,
    });
    deepStrictEqual({ texts, gaps }, { texts: lines, gaps: 0 });
  },

  async looping({ stage, random, name }) {
    const lines = someLines(random, 50);
    const config = { kind: 'loop', after: 2 + random.below(20) };
    const options = { component: stage.faulty, window: { bytes: 100 }, config, deadlineMs: DEADLINE_MS };
    const { texts, gaps } = await ingest(stage, name, lines, options);
    deepStrictEqual({ texts, gaps }, { texts: lines, gaps: 0 });
  },

  async leaking({ stage, random, name }) {
    const lines = someLines(random, 100, ['!leak', '!leak', '!leak']);
    const { texts, gaps } = await ingest(stage, name, lines, { component: stage.capped, window: { bytes: 50 } });
    deepStrictEqual({ texts, gaps }, { texts: lines, gaps: 0 });
  },

  async logging({ stage, random, name }) {
    const lines = [...someLines(random, 10), '!log', '!temp', 'last'];
    const { texts, gaps } = await ingest(stage, name, lines, { component: stage.faulty, onLog: () => {} });
    deepStrictEqual({ texts, gaps }, { texts: lines.filter((line) => line !== '!temp'), gaps: 1 });
  },

  async stopped({ stage, random, name }) {
    const lines = someLines(random, 3000);
    const session = await open(stage, name, lines, {
      component: stage.stringParser,
      ring: { slots: 2, slotBytes: 4096 },
    });
    let batches = random.below(5);
    for await (const _ of session) if (batches-- === 0) break;
    await session.close();
  },

  async aborted({ stage, random, name }) {
    const abort = new AbortController();
    const config = { kind: 'loop', after: 1 + random.below(3) };
    const options = { component: stage.faulty, window: { bytes: 100 }, config, signal: abort.signal };
    const reason = new Error('the soak has enough');
    setTimeout(() => abort.abort(reason), random.below(30));
    try {
      const session = await open(stage, name, someLines(random, 100), options);
      for await (const _ of session);
    } catch (error) {
      if (error !== reason) throw error;
    }
  },

  async notStarting({ stage, random, name }) {
    const init = random.pick(['trap', 'refuse', 'loop', 'temp']);
    const options = { component: stage.faulty, config: { init }, deadlineMs: DEADLINE_MS };
    const code = { refuse: 'ERR_PLUGIN_INIT', loop: 'ERR_PLUGIN_TIMEOUT' }[init] ?? 'ERR_PLUGIN_TRAP';
    const failure = await open(stage, name, ['x'], options).then(
      () => undefined,
      (error) => error.code,
    );
    deepStrictEqual(failure, code);
  },
};

async function ingest(stage, name, lines, options) {
  const session = await open(stage, name, lines, options);
  const texts = [];
  let gaps = 0;
  for await (const element of session) {
    if (element.type === 'gap') gaps++;
    if (element.type === 'batch') for (const { text } of element) texts.push(text);
  }
  deepStrictEqual(session.summary.status, 'completed');
  return { texts, gaps };
}

async function open(stage, name, lines, options) {
  const file = join(stage.directory, name);
  await writeFile(file, lines.map((line) => `${line}\n`).join(''));
  return IngestSession.open({ pool: stage.pool, source: { file }, recovery: RECOVERY, ...options });
}

function someLines(random, most, special = []) {
  return Array.from({ length: 1 + random.below(most) }, (_, i) =>
    special.length > 0 && random.below(8) === 0 ? random.pick(special) : `${i} ${random.pick(WORDS)}`,
  );
}

function window(random) {
  return { bytes: random.pick([200, 5000, 100_000, 10_485_760]) };
}
