/** Seeds are whole numbers from 0 to this. */
export const MAX_SEED = 2 ** 32 - 1;

/** A seed that nobody has chosen; leaves room above for those of further runs. */
export function freshSeed(): number {
  return Math.floor(Math.random() * 2 ** 31);
}

/** `count` seeds from `first` on. */
export function seedsFrom(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => (first + i) % (MAX_SEED + 1));
}
