/** Errors are told apart by their codes and classes. */
import { type ErrorCode, HostError, PluginError, type PluginErrorCode, PluginTrapError } from '@chipmunk-host/manager';
import { expectTrue, type IsAny, type Same } from './expect.js';

export function advice(error: unknown): string {
  if (error instanceof PluginTrapError) return error.plugin ?? 'some plugin';
  if (error instanceof PluginError) {
    expectTrue<Same<typeof error.code, PluginErrorCode>>();
    expectTrue<Same<typeof error.recoverable, boolean>>();
    return `${error.plugin ?? ''} ${error.phase ?? ''}`;
  }
  if (!(error instanceof HostError)) throw error;
  expectTrue<Same<typeof error.help, string | undefined>>();
  if (error.code === 'ERR_BUSY') return 'later';
  // @ts-expect-error: no code is called so.
  return error.code === 'ERR_BUSSY' ? 'never' : error.code;
}

expectTrue<Same<IsAny<ErrorCode>, false>>();
expectTrue<Same<string extends ErrorCode ? true : false, false>>();
expectTrue<PluginErrorCode extends ErrorCode ? true : false>();
