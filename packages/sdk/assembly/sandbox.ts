/** What the sandbox offers. */
import { freeReceived } from './calls';
import { loadText } from './text';

// @ts-ignore: decorator
@external("chipmunk:shared/sandbox@0.1.0", "temp-directory")
declare function hostTempDirectory(result: usize): void;

const result = memory.data(16, 4);

/** A path, or why there is none. */
export class PathResult {
  constructor(
    /** The path; empty when there is an error. */
    readonly path: string,
    /** What the host said, or null. */
    readonly error: string | null,
  ) {}
}

/** The path of a directory in which the plugin may write, the same for the life of the instance. */
export function tempDirectory(): PathResult {
  hostTempDirectory(result);
  const text = loadText(result + 4);
  freeReceived(load<usize>(result, 4));
  return load<u8>(result) == 0 ? new PathResult(text, null) : new PathResult('', text);
}
