/** Paths as text: which of the granted directories one lies in. */

/** A path in its parts, without empty ones and `.`; `..` is a part like any other, and the host decides about it. */
export class Path {
  private constructor(
    private readonly isAbsolute: bool,
    private readonly parts: string[],
  ) {}

  /** `backslashes` separate parts, too, on Windows; elsewhere they belong to names. */
  static of(text: string, backslashes: bool): Path {
    const separated = backslashes ? text.replaceAll('\\', '/') : text;
    const parts: string[] = [];
    const all = separated.split('/');
    for (let i = 0; i < all.length; i++) {
      if (all[i] != '' && all[i] != '.') parts.push(all[i]);
    }
    return new Path(separated.startsWith('/'), parts);
  }

  get length(): i32 {
    return this.parts.length;
  }

  /** Whether the other path begins with all parts of this one. */
  contains(other: Path): bool {
    if (this.isAbsolute != other.isAbsolute || this.length > other.length) return false;
    for (let i = 0; i < this.length; i++) {
      if (this.parts[i] != other.parts[i]) return false;
    }
    return true;
  }

  /** This path without its first parts, as a path from the directory that those lead to. */
  below(length: i32): string {
    return length == this.length ? '.' : this.parts.slice(length).join('/');
  }
}
