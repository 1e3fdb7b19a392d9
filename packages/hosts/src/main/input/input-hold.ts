/** How an input is held and ended from the main thread: by words of shared memory, which also a thread finds that takes over from a lost one. */
import {
  closeRingForWriter,
  endRingDemand,
  pauseRingWriter,
  type RingMemory,
  resumeRingWriter,
  stopRingWriter,
} from '@chipmunk-host/runtime/internal';

export interface InputHold {
  pause(): void;
  resume(): void;
  /** The input ends where it is. */
  end(): void;
}

/** Of the ring of batches of a parser that reads its input itself. */
export function ringHold(ring: RingMemory): InputHold {
  return {
    pause: () => pauseRingWriter(ring),
    resume: () => resumeRingWriter(ring),
    end: () => endRingDemand(ring),
  };
}

/** Of a ring of bytes: its writer stops, and its reader finds the end behind what was published. */
export function sourceHold(ring: RingMemory, onEnd?: () => void): InputHold {
  return {
    ...ringHold(ring),
    end: () => {
      // In this order: a writer that has stopped may be taken for one that was lost, and the first end counts.
      closeRingForWriter(ring);
      stopRingWriter(ring);
      onEnd?.();
    },
  };
}
