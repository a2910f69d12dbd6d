import { StateMachineError } from './errors.js';
import { isPositiveInteger } from './numbers.js';

/**
 * The limits that `defaults` names, as far as `options` gives them. Throws OPTIONS_INVALID with
 * each that is not of its kind or below 1, and with what `otherProblems` finds in all of them.
 */
export function completeLimits<Name extends string>(
  kind: 'number' | 'whole number',
  defaults: Readonly<Record<Name, number>>,
  options: Readonly<Partial<Record<NoInfer<Name>, number>>>,
  otherProblems: (limits: Readonly<Record<Name, number>>) => readonly string[],
): Readonly<Record<Name, number>> {
  const limits: Record<Name, number> = { ...defaults };
  const problems: string[] = [];
  for (const name of Object.keys(defaults) as Name[]) {
    const value = options[name];
    if (value === undefined) continue;
    const fits =
      kind === 'number' ? Number.isFinite(value) && value >= 1 : isPositiveInteger(value);
    if (!fits) problems.push(`${name} must be a ${kind} of at least 1, not ${value}`);
    limits[name] = value;
  }
  problems.push(...otherProblems(limits));
  if (problems.length > 0) throw new StateMachineError('OPTIONS_INVALID', problems.join('; '));
  return limits;
}
