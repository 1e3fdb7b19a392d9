// Prints as JSON what a manager lists, and how opening a session ends: node ….mjs DIRECTORY INPUT
import { PluginsManager } from '@chipmunk-host/manager';

const [, , directory, file] = process.argv;
const manager = await PluginsManager.open({ directory, prewarm: 0 });
const plugins = manager
  .plugins()
  .map(({ name, state, error }) => ({ name, state, code: error?.code, help: error?.help }));
let session = 'completed';
try {
  const running = await manager.ingest({ source: { file }, parser: { plugin: 'string-parser' } });
  for await (const _ of running);
} catch (error) {
  session = error.code ?? String(error);
}
await manager.close();
process.stdout.write(JSON.stringify({ plugins, session }));
