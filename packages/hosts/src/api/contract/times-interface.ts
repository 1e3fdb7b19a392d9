/** The interface, of this project's own (wit/rows), by which a parser gives the times of its items. */
export const TIMES_INTERFACE = 'chipmunk-host:rows/times@0.1.0';
