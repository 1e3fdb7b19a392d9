import type { RenderOptions } from '#shared/plugin-info.js';

/** Render options of a parser with columns of these names; none of a parser of lines. */
export function rendering(captions: readonly string[]): RenderOptions {
  if (captions.length === 0) return { columns: undefined };
  const columns = captions.map((caption) => ({ caption, description: '', width: 10 }));
  return { columns: { columns, minWidth: 1, maxWidth: 1 } };
}
