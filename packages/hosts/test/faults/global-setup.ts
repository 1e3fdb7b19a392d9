/** Before all tests: builds the faulty plugin, so that test files which run at the same time do not each build it. */
import { faultyPlugin } from './faulty-plugin.mjs';

export async function setup(): Promise<void> {
  await faultyPlugin();
}
