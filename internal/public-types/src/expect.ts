/** Statements about types: one that is not true does not compile. */

/** Whether two types are the same, and not only assignable to each other. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

export type IsAny<T> = 0 extends 1 & T ? true : false;

/** The exports of a module that are `any`, so that nothing is checked where they are used. */
export type Unchecked<Module> = {
  [Name in keyof Module]: IsAny<Module[Name]> extends true ? Name : never;
}[keyof Module];

export function expectTrue<_Statement extends true>(): void {}
