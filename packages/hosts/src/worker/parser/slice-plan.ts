/**
 * Which slice of the input the plugin gets next, by what it made of the one before: as long as the window, longer when it needs
 * more, and never as long as what it left, but at the end of the input, of which that is the sign.
 */
import type { WindowOptions } from '../../shared/protocol/parser-messages.js';
import { Window } from './window.js';

/** The slice that the plugin was last given. */
export interface Slice {
  /** Position in the input of its first byte. */
  readonly offset: number;
  readonly bytes: number;
  /** Whether the input ends with it. */
  readonly atEnd: boolean;
  /** Whether it is exactly what the plugin left of the slice before: the sign that the input has ended. */
  readonly lastPass: boolean;
}

export class SlicePlan {
  readonly #window: Window;
  #slice: Slice = { offset: 0, bytes: 0, atEnd: false, lastPass: false };
  /** Bytes that the plugin left of its last slice, if it knows: a slice of this very length tells it that the input ended. */
  #rest = -1;
  #mustGrow = false;
  /** Slices that the plugin's instance was given, the last pass not counted. */
  #slices = 0;

  constructor(window: WindowOptions) {
    this.#window = new Window(window);
  }

  get slice(): Slice {
    return this.#slice;
  }

  /** Bytes that the plugin left of its last slice; -1 when it does not know. */
  get rest(): number {
    return this.#rest;
  }

  /** Whether the slice is the first that the plugin's instance was given. */
  get isFirst(): boolean {
    return this.#slices === 1;
  }

  /** Whether slices are shorter than the plugin would get in Chipmunk: then `incomplete` is the host's doing. */
  get shortened(): boolean {
    return this.#window.shortened;
  }

  get wantedBytes(): number {
    const wanted = this.#mustGrow ? Math.max(this.#window.bytes, this.#rest + 1) : this.#window.bytes;
    return wanted === this.#rest ? wanted + 1 : wanted;
  }

  /** The least that tells the plugin anything: what it left and one byte more. */
  get leastBytes(): number {
    return Math.max(this.#rest, 0) + 1;
  }

  begin(offset: number, bytes: number, atEnd: boolean): void {
    const lastPass = bytes === this.#rest;
    if (!lastPass) this.#slices++;
    this.#slice = { offset, bytes, atEnd, lastPass };
    this.#mustGrow = false;
  }

  /** The slice came out shorter. It is not what the plugin left of the one before. */
  cutShort(bytes: number, atEnd: boolean): void {
    this.#slice = { ...this.#slice, bytes, atEnd, lastPass: false };
    this.#rest = -1;
  }

  /** So much of the slice was consumed. */
  consumed(bytes: number): void {
    this.#rest = this.#slice.bytes - bytes;
    if (bytes > 0) this.#window.used(bytes, this.#slice.bytes);
  }

  /** There was no item at the start of the slice. */
  foundNothing(): void {
    this.#window.foundNothing();
  }

  /** The plugin was given something else than the rest that it knows of, or will be. */
  forgetRest(): void {
    this.#rest = -1;
  }

  /** The next slice is longer. Returns false when it may not be. */
  grow(): boolean {
    this.#mustGrow = true;
    return this.#slice.bytes < this.#window.bytes || this.#window.grow();
  }

  /** Whether the instance that is there has been given anything. */
  get hasBegun(): boolean {
    return this.#slices > 0;
  }

  /** A fresh instance has been given nothing yet. */
  startAfresh(): void {
    this.#rest = -1;
    this.#mustGrow = false;
    this.#slices = 0;
  }
}
