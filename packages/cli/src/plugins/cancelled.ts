/** The user answered a question with no: nothing was done. */

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
