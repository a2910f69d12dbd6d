/**
 * Throws an error of somebody else's code where nobody catches it, on its own: by default Node ends
 * the process with it.
 */
export function throwUncaught(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}

/**
 * Tells an observer of the caller's. What it throws is no fault of what is observed, which goes on;
 * it must not vanish either: `throwUncaught`.
 */
export function observe<Event>(observer: ((event: Event) => void) | undefined, event: Event): void {
  try {
    observer?.(event);
  } catch (error) {
    throwUncaught(error);
  }
}
