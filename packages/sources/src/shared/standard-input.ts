/** The name of a file that stands for standard input. */
export const STANDARD_INPUT = '-';
