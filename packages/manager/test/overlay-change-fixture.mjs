// Changes the plugin x once, and kills itself at a step: node ….mjs ROOT SOURCE OPERATION KILL_AT. Says its steps.
import { PluginsManager } from '@chipmunk-host/manager';
import { killAtStep } from './kill-at-step.mjs';

const [, , directory, source, operation, killAt] = process.argv;
const manager = await PluginsManager.open({ directory, bundled: false });
const steps = killAtStep(Number(killAt), true, ['rename', 'rm', 'rmdir', 'copyFile']);
if (operation === 'update') await manager.update(source);
else await manager[operation]('x');
process.stdout.write(String(steps()));
await manager.close();
