import type { FuzzRandom } from './random.js';

/** What a decoder of unpacked values gets: whatever MessagePack can make. */
export type FuzzValue =
  | null
  | undefined
  | boolean
  | number
  | string
  | Uint8Array
  | readonly FuzzValue[]
  | FuzzMap;

type FuzzMap = { readonly [key: string]: FuzzValue };

const MAX_CHANGES = 4;
/** Elements of an array that grows. */
const MAX_GROWN_LENGTH = 3000;
const DEEP = 200;

/** What a decoder may not have thought of, of every kind that a wire value can be. */
function tellingValue(random: FuzzRandom): FuzzValue {
  const choices: readonly [() => FuzzValue, ...(() => FuzzValue)[]] = [
    () => null,
    () => undefined,
    () => random.chance(0.5),
    () => random.pick([0, -0, 1, -1, 0.5, 255, 256, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53)]),
    () => random.pick([Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_VALUE, Number.MIN_VALUE]),
    () => random.below(300),
    () => random.pick(['', 'a', '/', '/a/b', '..', '\u0000', '\u0100', '\ud800', '__proto__', '1']),
    () => 'x'.repeat(random.below(5000)),
    () => Buffer.alloc(random.below(100), random.below(256)),
    () => [],
    () => ({}),
    () => ({ length: 3, constructor: null, toString: 1 }),
    () => Array.from({ length: random.below(MAX_GROWN_LENGTH) }, () => null),
    () => deep(),
  ];
  return random.pick(choices)();
}

function deep(): FuzzValue {
  let value: FuzzValue = null;
  for (let i = 0; i < DEEP; i++) value = [value];
  return value;
}

/** Another value made out of `value`, with parts of another of the corpus now and then. */
export function mutateValue(
  random: FuzzRandom,
  value: FuzzValue,
  corpus: readonly FuzzValue[],
): FuzzValue {
  let mutated = value;
  const changes = 1 + random.below(MAX_CHANGES);
  for (let i = 0; i < changes; i++) mutated = mutateSomewhere(random, mutated, corpus);
  return mutated;
}

function mutateSomewhere(
  random: FuzzRandom,
  value: FuzzValue,
  corpus: readonly FuzzValue[],
): FuzzValue {
  if (isContainer(value)) {
    const below = random.chance(0.75);
    if (!isArray(value)) {
      if (below) return mutateProperty(random, value, corpus);
    } else if (below && value.length > 0) {
      const at = random.below(value.length);
      return value.with(at, mutateSomewhere(random, value[at], corpus));
    } else {
      return mutateArray(random, value, corpus);
    }
  }
  if (typeof value === 'number' && random.chance(0.5)) {
    return random.pick([value + 1, value - 1, -value, value * 2, value / 2, value + 2 ** 32]);
  }
  if (typeof value === 'string' && random.chance(0.3)) {
    const at = random.below(value.length + 1);
    return value.slice(0, at) + random.pick(['', '/', '\u0000', '\u00ff', 'é', '\udfff']);
  }
  return random.chance(0.2) ? partOf(random, random.pick(corpus)) : tellingValue(random);
}

function isArray(value: readonly FuzzValue[] | FuzzMap): value is readonly FuzzValue[] {
  return Array.isArray(value);
}

function isContainer(value: FuzzValue): value is readonly FuzzValue[] | FuzzMap {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
}

function mutateArray(
  random: FuzzRandom,
  items: readonly FuzzValue[],
  corpus: readonly FuzzValue[],
): FuzzValue {
  const at = random.below(items.length + 1);
  switch (random.below(6)) {
    case 0:
      return items.toSpliced(at, 1);
    case 1:
      return items.toSpliced(at, 0, tellingValue(random));
    case 2:
      return items.toSpliced(at, 0, items[random.below(items.length)]);
    case 3:
      return items.slice(0, at);
    case 4:
      return items.toSpliced(at, 0, partOf(random, random.pick(corpus)));
    default:
      return tellingValue(random);
  }
}

function mutateProperty(
  random: FuzzRandom,
  value: FuzzMap,
  corpus: readonly FuzzValue[],
): FuzzValue {
  const keys = Object.keys(value);
  const key = random.pick(keys);
  if (key === undefined || random.chance(0.2)) {
    return { ...value, [random.pick(['a', 'x-1', 'toString'])]: tellingValue(random) };
  }
  if (random.chance(0.2)) {
    return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
  }
  return { ...value, [key]: mutateSomewhere(random, value[key], corpus) };
}

/** `value` itself, or something in it. */
function partOf(random: FuzzRandom, value: FuzzValue): FuzzValue {
  let part = value;
  while (isContainer(part) && random.chance(0.6)) part = random.pick(Object.values(part));
  return part;
}
