import { Random } from '../simulation/random.js';
import type { Mutant } from './mutant.js';
import type { MutantOptions } from './options.js';

/** The mutants that the options ask for. Throws a TypeError for a name that there is none of. */
export function choose(
  mutants: readonly Mutant[],
  { only, sample, seed }: Pick<MutantOptions, 'only' | 'sample' | 'seed'>,
): readonly Mutant[] {
  const named = only.length === 0 ? mutants : mutants.filter((mutant) => isNamed(mutant, only));
  for (const name of only) {
    if (!mutants.some((mutant) => isNamed(mutant, [name]))) {
      throw new TypeError(`there is no mutant of scenario or name "${name}"`);
    }
  }
  if (sample === undefined) return named;
  const chosen = new Set(new Random(seed).shuffled(named).slice(0, sample));
  return named.filter((mutant) => chosen.has(mutant));
}

function isNamed({ name, scenario }: Mutant, names: readonly string[]): boolean {
  return names.includes(name) || names.includes(`${scenario}`);
}
