/**
 * The directories that the host has granted, and from a path to what lies in them. WASI has no other files: there is no
 * root and no current directory, only directories that are open from the start, each with the path that it is known by.
 */
import { freeReceived } from '../calls';
import { loadText } from '../text';
import { answer, getDirectories, Opened, openBelow } from './filesystem';
import { Path } from './path';

const ENTRY_BYTES: usize = 12;

class GrantedDirectory {
  constructor(
    readonly descriptor: i32,
    readonly name: string,
  ) {}
}

/** Asked for once: they stay the same for the life of the instance. */
// @ts-ignore: decorator
@lazy
let granted: GrantedDirectory[] | null = null;

/** Opens what a path leads to, in the granted directory whose name is the longest beginning of the path. */
export function openGranted(path: string): Opened {
  if (granted === null) granted = loadGranted();
  const directories = granted!;
  let directory = -1;
  let longest = -1;
  let rest = '';
  for (let i = 0; i < directories.length; i++) {
    // A plugin cannot know whether the host runs on Windows: what matches says so.
    for (let backslashes = 0; backslashes < 2; backslashes++) {
      const name = Path.of(directories[i].name, backslashes != 0);
      const wanted = Path.of(path, backslashes != 0);
      if (name.length <= longest || !name.contains(wanted)) continue;
      directory = directories[i].descriptor;
      longest = name.length;
      rest = wanted.below(longest);
    }
  }
  if (directory == -1) return Opened.failed('it lies in no directory that was granted');
  return openBelow(directory, rest);
}

function loadGranted(): GrantedDirectory[] {
  getDirectories(answer);
  const list = load<usize>(answer);
  const count = load<i32>(answer, 4);
  const directories: GrantedDirectory[] = [];
  for (let i = 0; i < count; i++) {
    const entry = list + <usize>i * ENTRY_BYTES;
    directories.push(new GrantedDirectory(load<i32>(entry), loadText(entry + 4)));
    freeReceived(load<usize>(entry, 4));
  }
  freeReceived(list);
  return directories;
}
