import { stoppingError } from './replica-error.js';

/** Calls `call` with each, also where it throws for one of them; what it threw first is thrown then. */
export function callEach<T>(those: Iterable<T>, call: (one: T) => void): void {
  const thrown: unknown[] = [];
  for (const one of those) {
    try {
      call(one);
    } catch (error) {
      thrown.push(error);
    }
  }
  if (thrown.length > 0) throw thrown[0];
}

/** What those who are told while a member stops throw: why it stopped, where nothing else was. */
export function thrownBy(tell: () => void): Error | undefined {
  try {
    tell();
    return undefined;
  } catch (error) {
    return stoppingError(error);
  }
}
