// Prints as JSON where a manager looks for plugins, what it lists, and how a change ends: node ….mjs PLUGIN [create]
import { existsSync } from 'node:fs';
import { PluginsManager } from '@chipmunk-host/manager';

const [, , plugin, create] = process.argv;
const warnings = [];
const onWarning = (message) => warnings.push(message);
const manager = await PluginsManager.open({ onWarning, createDirectory: create === 'create' });
const { directory } = manager;
const states = manager.plugins().map(({ name, state }) => `${name} ${state}`);
const isThere = existsSync(directory);
const doctor = (await manager.doctor()).findings.map(({ message }) => message);
const change =
  plugin === ''
    ? undefined
    : await manager.add(plugin).then(
        () => 'added',
        ({ code }) => code,
      );
await manager.close();
process.stdout.write(JSON.stringify({ directory, states, isThere, doctor, change, warnings }));
