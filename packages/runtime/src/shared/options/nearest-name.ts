/** The name that was probably meant. */
import { distance } from 'fastest-levenshtein';

/** More changed letters than this are another name. */
const MAX_DISTANCE = 3;

/** The nearest of the known names, when it is near enough to be a slip of the keyboard. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let best = Math.min(MAX_DISTANCE, Math.floor(name.length / 2)) + 1;
  for (const candidate of known) {
    // They differ by as many letters at least; texts of any length may come here.
    if (Math.abs(candidate.length - name.length) >= best) continue;
    const changed = distance(name.toLowerCase(), candidate.toLowerCase());
    if (changed < best) [nearest, best] = [candidate, changed];
  }
  return nearest;
}
