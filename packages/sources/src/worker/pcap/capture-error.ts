/** A capture that cannot be read on. The message goes on behind the name of the capture, and has no full stop. */
export class CaptureFault extends Error {
  readonly help: string;

  constructor(message: string, help: string) {
    super(message);
    this.help = help;
  }
}

/** @param position in the capture, decompressed */
export function damaged(position: number, what: string): CaptureFault {
  return new CaptureFault(
    `is damaged at byte ${position}: ${what}`,
    "What came before was delivered. 'capinfos FILE' of Wireshark says more about the file.",
  );
}

export function cutOff(position: number, what: string): CaptureFault {
  return new CaptureFault(
    `ends within ${what}, at byte ${position}`,
    'What came before was delivered. The program that captured was stopped, or the file is not complete.',
  );
}
