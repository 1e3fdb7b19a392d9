/** Between columns where a flat line is needed, as in Chipmunk. */
export const COLUMN_SEPARATOR = '\u0004';
