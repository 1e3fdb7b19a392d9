/** Runs one fuzz target that is TypeScript, like the tests whose models it uses. */
import { createViteServer } from 'vitest/node';

/**
 * @param root folder of the target. Default: this one
 * @returns {Promise<{ executed: number, summary: string }>}
 * @throws the first finding
 */
export async function fuzzHosts(target, options, root = import.meta.dirname) {
  const server = await createViteServer({
    root,
    configFile: false,
    logLevel: 'error',
    server: { middlewareMode: true, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
  });
  try {
    const { fuzz } = await server.ssrLoadModule(`/${target}.ts`);
    return await fuzz(options);
  } finally {
    await server.close();
  }
}
