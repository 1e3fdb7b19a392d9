/** Somebody was asked and did not want to go on: nothing was done. */

/** `declined`: the answer was no; `interrupted`: Ctrl-C or Escape. */
export type CancelReason = 'declined' | 'interrupted';

export class Cancelled extends Error {
  override readonly name = 'Cancelled';
  readonly reason: CancelReason;

  constructor(reason: CancelReason) {
    super('Nothing was changed.');
    this.reason = reason;
  }
}
