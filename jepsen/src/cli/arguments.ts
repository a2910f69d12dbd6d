import { InvalidArgumentError } from 'commander';

/** The parser of an option that is a number above 0. */
export function positiveNumber(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError('It is a number above 0.');
}

/** Eleven days: timers of Node bear little more, and end at once beyond. */
const MAX_SECONDS = 1_000_000;

/** The parser of an option that is a time. */
export function seconds(text: string): number {
  const number = positiveNumber(text);
  if (number <= MAX_SECONDS) return number;
  throw new InvalidArgumentError(`It is ${MAX_SECONDS} at most.`);
}

/** The parser of an option that is a whole number, 0 or above. */
export function wholeNumber(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(number) && number >= 0) return number;
  throw new InvalidArgumentError('It is a whole number, 0 or above.');
}

/** The parser of an option that is a whole number above 0. */
export function positiveWholeNumber(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('It is a whole number above 0.');
}
