/** The package of spools, which is optional: loaded when a spool is asked for. */
import type * as SpoolPackage from '@chipmunk-host/spool';
import { CommandError } from '../terminal/command-error.js';

const NAME = '@chipmunk-host/spool';

/** @throws CommandError `ERR_NO_PACKAGE` when it is not installed */
export async function loadSpoolPackage(): Promise<typeof SpoolPackage> {
  try {
    return await import('@chipmunk-host/spool');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes(`'${NAME}'`)) throw error;
    throw new CommandError('ERR_NO_PACKAGE', `Spools need the package ${NAME}, which is not installed.`, {
      help: `Install it where the command line is installed: npm install ${NAME}`,
    });
  }
}
