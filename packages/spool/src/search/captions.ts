/** Captions of columns, out of what a spool or a session says of its rows. */

/** @param renderOptions of the parser; anything else has none */
export function captionsOf(renderOptions: unknown): readonly string[] {
  const columns = memberOf(memberOf(renderOptions, 'columns'), 'columns');
  if (!Array.isArray(columns)) return [];
  return columns.map((column: unknown) => {
    const caption = memberOf(column, 'caption');
    return typeof caption === 'string' ? caption : '';
  });
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}
