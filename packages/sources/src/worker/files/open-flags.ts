import { constants } from 'node:fs';

/** Opening waits for no writer of a FIFO, and makes no terminal this process's own. Windows has neither. */
export const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
