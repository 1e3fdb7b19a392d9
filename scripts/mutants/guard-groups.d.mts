export interface GuardGroup {
  /** From the workspace's root. */
  readonly files: readonly string[];
  readonly tests: readonly { readonly member: string; readonly files: readonly string[] }[];
}

export function guardGroups(root: string): readonly GuardGroup[];
