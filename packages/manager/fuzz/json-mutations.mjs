/** Ways to damage a JSON file: as bytes, and as values that are then written as valid JSON. */

const VALUES = [null, true, false, 0, -1, 1.5, 2 ** 53, '', 'x', '__proto__', [], {}, [null], { kind: 'loaded' }];

/** @returns a mutant, one to four changes of bytes away */
export function mutateText(source, random) {
  let bytes = Buffer.from(source);
  for (let left = 1 + random.below(4); left > 0; left--) bytes = random.pick(TEXT_MUTATIONS)(bytes, random);
  return bytes;
}

const TEXT_MUTATIONS = [flipBit, changeByte, truncate, remove, repeat, zeroes];

/** @returns a mutant that is valid JSON, one to three changes of values away */
export function mutateJson(source, random) {
  const root = { value: JSON.parse(source.toString('utf8')) };
  for (let left = 1 + random.below(3); left > 0; left--) {
    const places = [...placesOf(root)];
    if (places.length === 0) break;
    const [holder, key] = random.pick(places);
    const [otherHolder, otherKey] = random.pick(places);
    const kind = random.below(4);
    if (kind === 0) holder[key] = structuredClone(random.pick(VALUES));
    else if (kind === 1) delete holder[key];
    else if (kind === 2) holder[key] = structuredClone(otherHolder[otherKey]);
    else holder[key] = changed(holder[key], random);
  }
  return Buffer.from(JSON.stringify(root.value) ?? '');
}

function* placesOf(holder) {
  for (const key of Object.keys(holder)) {
    yield [holder, key];
    if (typeof holder[key] === 'object' && holder[key] !== null) yield* placesOf(holder[key]);
  }
}

function changed(value, random) {
  if (typeof value === 'number') return value + random.below(3) - 1;
  if (typeof value === 'boolean') return !value;
  if (typeof value !== 'string' || value === '') return value;
  const at = random.below(value.length);
  return value.slice(0, at) + String.fromCharCode(32 + random.below(95)) + value.slice(at + 1);
}

function flipBit(bytes, random) {
  if (bytes.length > 0) bytes[random.below(bytes.length)] ^= 1 << random.below(8);
  return bytes;
}

function changeByte(bytes, random) {
  if (bytes.length > 0) bytes[random.below(bytes.length)] = 32 + random.below(95);
  return bytes;
}

function truncate(bytes, random) {
  return bytes.subarray(0, random.below(bytes.length + 1));
}

function remove(bytes, random) {
  const at = random.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(40))]);
}

function repeat(bytes, random) {
  const at = random.below(bytes.length + 1);
  const piece = bytes.subarray(at, at + 1 + random.below(200));
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
}

/** What a file system leaves of a file that was not written out when the power went. */
function zeroes(bytes, random) {
  const from = random.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, from), Buffer.alloc(bytes.length - from)]);
}
