import { NetError } from './errors.js';

/** Throws OPTIONS_INVALID unless every number in `limits` is a whole one above 0. */
export function checkLimits(limits: object): void {
  for (const [name, value] of Object.entries(limits)) {
    if (typeof value === 'number' && !(Number.isSafeInteger(value) && value > 0)) {
      throw new NetError('OPTIONS_INVALID', `${name} must be a whole number above 0, not ${value}`);
    }
  }
}
