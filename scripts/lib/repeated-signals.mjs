/** Signals of one kind that arrive this close together, in milliseconds, are one. */
const SAME_MS = 500;

/**
 * On Ctrl-C the terminal sends SIGINT to npm and to what npm runs, and npm passes its own on: the
 * program would see two, and take the second for a person who has lost patience. This lets only
 * the first through. To be called before anyone listens for signals.
 *
 * @param {NodeJS.EventEmitter} target the process
 * @param {() => number} [now] milliseconds
 */
export function dropRepeatedSignals(target, now = () => performance.now()) {
  const emit = target.emit;
  /** @type {Map<string, number>} */
  const last = new Map();
  target.emit = function emitOnce(/** @type {string | symbol} */ event, ...args) {
    if (event === 'SIGINT' || event === 'SIGTERM') {
      const before = last.get(event);
      const at = now();
      last.set(event, at);
      if (before !== undefined && at - before < SAME_MS) return true;
    }
    return Reflect.apply(emit, this, [event, ...args]);
  };
}
