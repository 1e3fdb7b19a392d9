/** Of the options of `follow`. Apart from their table, which threads of sources do not load. */

/** How often a file is looked at that nobody tells of, in milliseconds. */
export const DEFAULT_POLL_MS = 250;
export const DEFAULT_GRACE_MS = 1000;
