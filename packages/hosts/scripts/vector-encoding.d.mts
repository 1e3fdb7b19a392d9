/** @param description what a file NAME.json of the test vectors has */
export function encodeVector(description: object): Uint8Array;
