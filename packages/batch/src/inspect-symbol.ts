/** How `console.log` of Node and others show an object. By its registered symbol, so that readers of batches need nothing of Node. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/** What Node hands to a method of that name, to show what is in the object with the same options. */
export type Inspect = (value: unknown, options: object) => string;

/** An object as `name { … }`. Node calls the method with what is left of the depth, below 0 where it should say only what it is. */
export function inspected(name: string, members: object, depth: number, options: object, inspect: Inspect): string {
  return depth < 0 ? `[${name}]` : `${name} ${inspect(members, options)}`;
}
