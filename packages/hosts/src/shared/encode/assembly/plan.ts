/** The numbers of a plan, which encoding-program.ts makes. */

// Steps of a plan.
export const END: u32 = 0;
export const LITERAL: u32 = 1;
export const MEMBER: u32 = 2;
export const OFFSET: u32 = 3;
export const LENGTH: u32 = 4;
export const TIME: u32 = 5;
export const SKIP_UNLESS: u32 = 6;
export const STRINGS: u32 = 7;
export const COLUMN: u32 = 8;
export const ATTACHMENT_TEXT: u32 = 9;
export const SIZE: u32 = 10;
export const MESSAGES: u32 = 11;
export const DATA: u32 = 12;

// Conditions of `SKIP_UNLESS`.
export const HAS_TIME: u32 = 0;
export const IS_LINE: u32 = 1;
export const IS_COLUMNS: u32 = 2;

// How a string is written.
export const PLAIN: u32 = 0;
export const JSON_TEXT: u32 = 1;
export const CSV: u32 = 2;
/** CSV, and nothing that a spreadsheet would take for a formula. */
export const CSV_GUARDED: u32 = 3;
/** A part of a field that is in quotes already. */
export const CSV_INSIDE: u32 = 4;

// The head of a plan, in bytes.
export const FIXED: usize = 0;
export const PER_STRING: usize = 4;
export const GROWTH: usize = 8;
export const NEEDS_TEXT: usize = 12;
export const DELIMITER: usize = 16;
/** Where the frame of a line lies, from the plan's beginning (line-run.ts); 0: there is none. */
export const FRAME: usize = 20;
export const STEPS: usize = 32;
export const STEP_BYTES: usize = 16;

/** Where the plan lies. */
export let plan: usize = 0;

/** @param at the plan's place: it stays there */
export function usePlan(at: usize): void {
  plan = at;
}
