/**
 * The names that a package exports, one a line, sorted; types are marked. They are what semantic versioning covers.
 * @param declarations the declarations of an entry, once the package is built
 * @throws Error when they do not list the names, or list none
 */
export function publicNames(declarations: URL): string;
