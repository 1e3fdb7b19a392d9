/** The features of WebAssembly that a component has only when it is allowed to: what they take at run time is not counted. */

/**
 * `gc`: structs and arrays. They lie in the JavaScript heap of the plugin's thread, where one large array ends the whole process,
 * not the thread.
 */
export type UncountedFeature = 'gc';

export const UNCOUNTED_FEATURES: readonly UncountedFeature[] = ['gc'];
