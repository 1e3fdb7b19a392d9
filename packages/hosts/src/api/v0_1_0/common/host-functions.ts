/**
 * The functions of `chipmunk:shared@0.1.0` that a plugin may call, twice: for the bindings, and as stand-ins below them.
 * Below, because the bindings leak a record for each host function that is called in the middle of a direct call.
 */
import {
  type CoreCaller,
  type CoreFunction,
  describe,
  type LiftBounds,
  OversizedText,
  PluginContractError,
} from '@chipmunk-host/runtime/internal/worker';
import { LOG_LEVELS, type LogLevel } from '../../../shared/config/config-schema.js';
import type { AdapterContext } from '../../contract/parser-adapter.js';

const LOGGING = 'chipmunk:shared/logging@0.1.0';
const SANDBOX = 'chipmunk:shared/sandbox@0.1.0';

/** The imports by the names under which the bindings look for them. */
export function bindingsImports({ log, tempDirectory }: AdapterContext, bounds: LiftBounds) {
  return {
    'chipmunk:shared/logging': {
      log: (level: LogLevel, message: string | OversizedText) => {
        // What is logged is no part of what the call under way returns.
        bounds.restart();
        log(level, (message instanceof OversizedText ? message.head : message).slice(0, MAX_LOG_BYTES));
      },
    },
    'chipmunk:shared/sandbox': {
      tempDirectory: () => {
        try {
          return tempDirectory();
        } catch (error) {
          // The bindings make an `err` of any thrown value, with the value as its payload: here a text.
          throw describe(error);
        }
      },
    },
  };
}

/** The stand-in for a function that core modules import; undefined when the host does not replace it. */
export function replaceHostFunction(
  context: AdapterContext,
  interfaceName: string,
  name: string,
  caller: CoreCaller,
): CoreFunction | undefined {
  if (interfaceName === LOGGING && name === 'log') {
    return (level: number, pointer: number, byteLength: number) => {
      const known = LOG_LEVELS[level];
      if (known === undefined) throw new PluginContractError(`The plugin logged with the unknown level ${level}.`);
      context.log(known, readText(caller, pointer, byteLength));
    };
  }
  if (interfaceName === SANDBOX && name === 'temp-directory') {
    return (resultPointer: number) => {
      let isError = 0;
      let text: string;
      try {
        text = context.tempDirectory();
      } catch (error) {
        isError = 1;
        text = describe(error);
      }
      writeStringResult(caller, resultPointer, isError, text);
    };
  }
  return undefined;
}

/** Log lines longer than this are cut, in bytes: the host keeps them until somebody takes them. */
const MAX_LOG_BYTES = 64 * 1024;

function readText(caller: CoreCaller, pointer: number, byteLength: number): string {
  const { buffer } = requireMemory(caller);
  const start = pointer >>> 0;
  const length = byteLength >>> 0;
  if (start + length > buffer.byteLength)
    throw new PluginContractError(`The plugin logged ${length} bytes at ${start}, outside of its memory.`);
  return Buffer.from(buffer, start, Math.min(length, MAX_LOG_BYTES)).toString('utf8');
}

/** `result<string, string>`: a byte for the case, then pointer and length at 4 and 8. */
function writeStringResult(caller: CoreCaller, resultPointer: number, isError: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  const realloc = caller.realloc();
  if (realloc === undefined)
    throw new PluginContractError('The plugin lowers temp-directory without an allocator (realloc).');
  const pointer: number = realloc(0, 0, 1, bytes.length) >>> 0;
  const { buffer } = requireMemory(caller);
  const result = resultPointer >>> 0;
  if (pointer + bytes.length > buffer.byteLength || result + 12 > buffer.byteLength)
    throw new PluginContractError(
      "The plugin's realloc returned memory outside of its own for the path of its temporary directory.",
    );
  new Uint8Array(buffer, pointer, bytes.length).set(bytes);
  const view = new DataView(buffer);
  view.setUint8(result, isError);
  view.setUint32(result + 4, pointer, true);
  view.setUint32(result + 8, bytes.length, true);
}

function requireMemory(caller: CoreCaller): WebAssembly.Memory {
  const memory = caller.memory();
  if (memory !== undefined) return memory;
  throw new PluginContractError('The plugin lowers a function of the host without a memory.');
}
