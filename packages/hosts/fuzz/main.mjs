/** Runs one fuzz target of this package. The targets are TypeScript, like the tests whose models they use. */
import { createViteServer } from 'vitest/node';

/** @returns {Promise<{ executed: number, summary: string }>} @throws the first finding */
export async function fuzzHosts(target, options) {
  const root = import.meta.dirname;
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
