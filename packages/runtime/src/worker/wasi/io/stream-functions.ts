/** wasi:io/streams and wasi:io/error. Every call is done when it returns: the blocking kinds are the same as the others. */
import { PluginContractError } from '../../../shared/errors.js';
import { type FileErrorCode, fileErrorCode } from '../filesystem/refusal.js';
import type { GuestMemory } from '../guest-memory.js';
import { dropFunctions, type Resource } from '../handle-table.js';
import type { InterfaceFunctions, WasiContext } from '../wasi-context.js';
import { Pollable } from './poll.js';
import { InputStream, OutputStream } from './streams.js';

/** What a stream says it takes at once, in bytes. Only `write-zeroes` is held to it: the other bytes are the plugin's own. */
const WRITE_PERMIT = 1024 * 1024;
const ZEROES_AT_ONCE = new Uint8Array(64 * 1024);

/** Why a stream failed, as the plugin can ask for it afterwards. */
export class IoError implements Resource {
  readonly code: FileErrorCode;

  constructor(code: FileErrorCode) {
    this.code = code;
  }

  dispose(): void {}
}

export const ioError: InterfaceFunctions = ({ handles }, memory) => ({
  '[method]error.to-debug-string': (self: number, result: number) => {
    const { code } = handles.get(self, IoError);
    memory.setText(memory.range(result, 8, 4), code);
  },
  ...dropFunctions(handles, { error: IoError }),
});

export const streams: InterfaceFunctions = (context, memory) => {
  const { handles, limits } = context;

  const read = (self: number, length: bigint, result: number) => {
    const stream = handles.get(self, InputStream);
    const area = memory.range(result, 12, 4);
    const bytes = attempt(context, memory, area, 4, () => stream.read(atMost(length, limits.readBytes)));
    if (bytes === undefined) return;
    memory.setList(area + 4, bytes);
    memory.setU8(area, 0);
  };
  const skip = (self: number, length: bigint, result: number) => {
    const stream = handles.get(self, InputStream);
    const area = memory.range(result, 16, 8);
    const bytes = attempt(context, memory, area, 8, () => stream.read(atMost(length, limits.readBytes)));
    if (bytes !== undefined) writeCount(memory, area, bytes.length);
  };
  const write = (self: number, pointer: number, byteLength: number, result: number) => {
    const stream = handles.get(self, OutputStream);
    const area = memory.range(result, 12, 4);
    const bytes = memory.bytes(pointer, byteLength);
    writeDone(context, memory, area, () => stream.write(bytes));
  };
  const writeZeroes = (self: number, length: bigint, result: number) => {
    const stream = handles.get(self, OutputStream);
    const area = memory.range(result, 12, 4);
    let left = BigInt.asUintN(64, length);
    if (left > BigInt(WRITE_PERMIT))
      throw new PluginContractError(`The plugin wrote ${left} zeroes at once; at most ${WRITE_PERMIT} are allowed.`);
    writeDone(context, memory, area, () => {
      for (; left > 0n; left -= BigInt(ZEROES_AT_ONCE.length)) stream.write(ZEROES_AT_ONCE.subarray(0, Number(left)));
    });
  };
  const flush = (self: number, result: number) => {
    handles.get(self, OutputStream);
    memory.setU8(memory.range(result, 12, 4), 0);
  };
  const splice = (self: number, source: number, length: bigint, result: number) => {
    const target = handles.get(self, OutputStream);
    const stream = handles.get(source, InputStream);
    const area = memory.range(result, 16, 8);
    const bytes = attempt(context, memory, area, 8, () => {
      const read = stream.read(atMost(length, limits.readBytes));
      if (read !== undefined) target.write(read);
      return read;
    });
    if (bytes !== undefined) writeCount(memory, area, bytes.length);
  };

  return {
    '[method]input-stream.read': read,
    '[method]input-stream.blocking-read': read,
    '[method]input-stream.skip': skip,
    '[method]input-stream.blocking-skip': skip,
    '[method]input-stream.subscribe': (self: number) => {
      handles.get(self, InputStream);
      return handles.add(new Pollable());
    },
    '[method]output-stream.check-write': (self: number, result: number) => {
      handles.get(self, OutputStream);
      writeCount(memory, memory.range(result, 16, 8), WRITE_PERMIT);
    },
    '[method]output-stream.write': write,
    '[method]output-stream.blocking-write-and-flush': write,
    '[method]output-stream.flush': flush,
    '[method]output-stream.blocking-flush': flush,
    '[method]output-stream.subscribe': (self: number) => {
      handles.get(self, OutputStream);
      return handles.add(new Pollable());
    },
    '[method]output-stream.write-zeroes': writeZeroes,
    '[method]output-stream.blocking-write-zeroes-and-flush': writeZeroes,
    '[method]output-stream.splice': splice,
    '[method]output-stream.blocking-splice': splice,
    ...dropFunctions(handles, { 'input-stream': InputStream, 'output-stream': OutputStream }),
  };
};

function atMost(asked: bigint, limit: number): number {
  const length = BigInt.asUintN(64, asked);
  return length < BigInt(limit) ? Number(length) : limit;
}

function writeCount(memory: GuestMemory, area: number, count: number): void {
  memory.setU8(area, 0);
  memory.setU64(area + 8, BigInt(count));
}

/** `result<_, stream-error>` of something that either is done or fails. */
function writeDone(context: WasiContext, memory: GuestMemory, area: number, action: () => void): void {
  const isDone = attempt(context, memory, area, 4, () => {
    action();
    return true;
  });
  if (isDone) memory.setU8(area, 0);
}

/**
 * What the action returns; undefined when the stream is at its end or failed, which is then written as `stream-error`, at
 * `payload` bytes into the result.
 */
function attempt<T>(
  { handles }: WasiContext,
  memory: GuestMemory,
  area: number,
  payload: number,
  action: () => T | undefined,
): T | undefined {
  let code: FileErrorCode | undefined;
  try {
    const value = action();
    if (value !== undefined) return value;
  } catch (error) {
    code = fileErrorCode(error);
    if (code === undefined) throw error;
  }
  // Without a free handle for the error, the plugin learns only that the stream is closed.
  const isFailure = code !== undefined && !handles.isFull;
  memory.setU8(area, 1);
  memory.setU8(area + payload, isFailure ? 0 : 1);
  if (code !== undefined && isFailure) memory.setU32(area + payload + 4, handles.add(new IoError(code)));
  return undefined;
}
