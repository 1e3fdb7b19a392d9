/** What a value is, in a few words, for messages about values of the wrong type. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') {
    const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
    return typeof name === 'string' && name !== '' && name !== 'Object' ? `an object of type ${name}` : 'an object';
  }
  if (typeof value === 'string') return 'a text (string)';
  return `a ${typeof value}`;
}
