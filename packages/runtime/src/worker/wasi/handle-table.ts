/**
 * The resources that a plugin holds, by the 32-bit handles that it knows them by. The table is bounded: a plugin that never drops a handle reaches the limit and costs the host no more than that many entries.
 */
import { PluginContractError } from '../../shared/errors.js';

/** Something a plugin holds by a handle. */
export interface Resource {
  /** Lets go of what the host keeps for it. Called once. */
  dispose?(): void;
}

type ResourceClass<T extends Resource> = abstract new (...args: never[]) => T;

export class HandleTable {
  #limit: number;
  /** Entry 0 stays empty: no handle is 0, as in the canonical ABI. */
  readonly #entries: (Resource | undefined)[] = [undefined];
  readonly #free: number[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.#free.length === 0 && this.#entries.length > this.#limit;
  }

  /** For functions that cannot answer with an error; others look at `isFull` first. */
  add(resource: Resource): number {
    if (this.isFull) {
      resource.dispose?.();
      throw new PluginContractError(`The plugin has more than ${this.#limit} WASI resources at a time.`, {
        help: 'Raise the limit on handles if the plugin is meant to have that many.',
      });
    }
    const handle = this.#free.pop() ?? this.#entries.length;
    this.#entries[handle] = resource;
    return handle;
  }

  get<T extends Resource>(handle: number, expected: ResourceClass<T>): T {
    const resource = this.#entries[handle >>> 0];
    if (resource instanceof expected) return resource;
    const found = resource === undefined ? 'nothing' : `a ${resource.constructor.name}`;
    throw new PluginContractError(
      `The plugin used the WASI handle ${handle >>> 0} as a ${expected.name}; it is ${found}.`,
    );
  }

  drop(handle: number, expected: ResourceClass<Resource>): void {
    const resource = this.get(handle, expected);
    this.#entries[handle >>> 0] = undefined;
    this.#free.push(handle >>> 0);
    resource.dispose?.();
  }

  /** Lets go of everything that is still held; nothing is taken any more. */
  close(): void {
    this.#limit = 0;
    for (const resource of this.#entries.splice(1)) {
      try {
        resource?.dispose?.();
      } catch {
        // The others are still to be closed, and the plugin is gone.
      }
    }
    this.#free.length = 0;
  }
}

/** Drop functions by both names that the component tools give them. */
export function dropFunctions(
  handles: HandleTable,
  resources: Readonly<Record<string, ResourceClass<Resource>>>,
): Record<string, (handle: number) => void> {
  return Object.fromEntries(
    Object.entries(resources).flatMap(([name, expected]) => {
      const drop = (handle: number) => handles.drop(handle, expected);
      return [
        [`[resource-drop]${name}`, drop],
        [`${name}_drop`, drop],
      ];
    }),
  );
}
