/** How the command ends, for scripts; README.md lists them for users. */
export const ExitCode = {
  ok: 0,
  /** A session failed: a file, a plugin, its configuration, or the output. */
  failed: 1,
  /** The command line is wrong; nothing was done. */
  usage: 2,
  /** A search found nothing, and nothing failed. `grep` has 1 for it, which is a failure here. */
  nothingFound: 3,
  /** 128 and the signal's number, as shells have it. */
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
