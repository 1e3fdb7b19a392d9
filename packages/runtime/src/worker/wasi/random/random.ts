/** wasi:random. The insecure kinds are as good as the secure one: nothing is gained by a worse generator. */
import { PluginContractError } from '../../../shared/errors.js';
import type { GuestMemory } from '../guest-memory.js';
import type { InterfaceFunctions, WasiContext } from '../wasi-context.js';

export const random: InterfaceFunctions = (context, memory) => ({
  'get-random-bytes': (length: bigint, result: number) => writeRandom(context, memory, length, result),
  'get-random-u64': () => context.random.u64(),
});

export const insecure: InterfaceFunctions = (context, memory) => ({
  'get-insecure-random-bytes': (length: bigint, result: number) => writeRandom(context, memory, length, result),
  'get-insecure-random-u64': () => context.random.u64(),
});

export const insecureSeed: InterfaceFunctions = ({ random }, memory) => ({
  'insecure-seed': (result: number) => {
    const area = memory.range(result, 16, 8);
    memory.setU64(area, random.u64());
    memory.setU64(area + 8, random.u64());
  },
});

/** Exactly as many bytes as asked, made in the plugin's memory: so too many are an error, there is no giving fewer. */
function writeRandom({ random, limits }: WasiContext, memory: GuestMemory, asked: bigint, result: number): void {
  const length = BigInt.asUintN(64, asked);
  if (length > BigInt(limits.randomBytes))
    throw new PluginContractError(
      `The plugin asked for ${length} random bytes; at most ${limits.randomBytes} are allowed at a time.`,
    );
  const area = memory.range(result, 8, 4);
  const pointer = memory.allocate(Number(length), 1);
  random.fill(memory.bytes(pointer, Number(length)));
  memory.setU32(area, pointer);
  memory.setU32(area + 4, Number(length));
}
