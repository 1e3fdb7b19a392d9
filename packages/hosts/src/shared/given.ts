/** Some members of options; one that is undefined is as good as none. */
export type Given<Options> = { readonly [Name in keyof Options]?: Options[Name] | undefined };
