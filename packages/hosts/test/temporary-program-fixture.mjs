/**
 * A program with one session whose plugin may use its temporary directory. Tells as lines of JSON what there is in the folder for
 * temporary files at the first batch, behind which it waits for a line, and how the session ended.
 */
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createParserPool, IngestSession } from '@chipmunk-host/hosts';
import { compile } from '@chipmunk-host/runtime';

const [plugin, file, temporary, lockedMode] = process.argv.slice(2);
const tell = (event) => console.log(JSON.stringify(event));
const lines = createInterface({ input: process.stdin });
const logs = [];
let isWaiting = false;
let pool;
try {
  const component = await compile(readFileSync(plugin));
  process.env.TMPDIR = temporary;
  pool = createParserPool();
  const onLog = ({ source, message }) => logs.push({ source, message });
  const session = await IngestSession.open({ component, pool, source: { file }, onLog });
  const texts = [];
  for await (const batch of session.batches()) {
    for (const { text } of batch) texts.push(text);
    if (isWaiting) continue;
    isWaiting = true;
    tell({ made: names(temporary) });
    await new Promise((resolve) => lines.once('line', resolve));
    if (lockedMode !== undefined) chmodSync(temporary, Number.parseInt(lockedMode, 8));
  }
  tell({ status: session.summary.status, texts, logs });
} catch (error) {
  tell({ error: error.code ?? String(error), message: error.message, logs });
} finally {
  if (lockedMode !== undefined) chmodSync(temporary, 0o700);
  await pool?.close();
  lines.close();
}

function names(path) {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
