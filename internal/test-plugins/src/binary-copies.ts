/** Other binaries of the same plugin. */

/** The component with a custom section of that text behind it: the same plugin with another hash. */
export function renamed(component: Uint8Array, label: string): Buffer {
  const name = Buffer.from(label.slice(0, 60));
  return Buffer.concat([component, Buffer.from([0, name.length + 1, name.length]), name]);
}
