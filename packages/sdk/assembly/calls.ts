/**
 * What lives as long as one call of the host: the blocks that the host fills for the call's arguments, and the arena.
 *
 * The host asks for memory with `cabi_realloc` and hands it over with the call. Everything is given back after the result
 * was read (`cabi_post_...`), or at the latest when the next call begins.
 */
import { resetArena } from './arena';
import { allocateBlock, chain, freeBlock, nextInChain, resizeBlock } from './blocks';
import { collectGarbage } from './heap';

/** Blocks that the host asked for and that belong to no call yet, newest first. */
let received: usize = 0;
/** Blocks that hold the arguments of the call that is under way. */
let held: usize = 0;
let open: bool = false;

/** Takes over the arguments that the host wrote for a call. */
export function beginCall(): void {
  if (open) endCall();
  open = true;
  held = received;
  received = 0;
}

/** Gives back what the last call used, and collects garbage if there is enough. */
export function endCall(): void {
  let block = held;
  held = 0;
  while (block != 0) {
    const next = nextInChain(block);
    freeBlock(block);
    block = next;
  }
  resetArena();
  collectGarbage();
  open = false;
}

/** Gives back one block that the host filled in the middle of a call. Text without bytes has none. */
export function freeReceived(block: usize): void {
  if (unlink(block)) freeBlock(block);
}

/** The canonical ABI's way to ask for memory in the plugin. */
export function cabi_realloc(old: usize, oldSize: usize, align: usize, size: usize): usize {
  if (size == 0) {
    if (oldSize != 0) freeReceived(old);
    return align;
  }
  const known = oldSize != 0 && unlink(old);
  const block = known ? resizeBlock(old, size) : allocateBlock(size);
  chain(block, received);
  received = block;
  return block;
}

/** Takes a block out of the received ones; false if it is not one of them. */
function unlink(block: usize): bool {
  let before: usize = 0;
  let at = received;
  while (at != 0 && at != block) {
    before = at;
    at = nextInChain(at);
  }
  if (at == 0) return false;
  if (before == 0) received = nextInChain(at);
  else chain(before, nextInChain(at));
  return true;
}
