import { argumentInvalid } from '../errors.js';
import { kindOf } from '../namespace/tree/text-to-bytes.js';

/** The signal of a call's options. Throws ARGUMENT_INVALID for options or a signal that are none. */
export function signalOf(options: unknown): AbortSignal | undefined {
  checkOptions(options);
  const signal: unknown = Reflect.get(options, 'signal');
  if (signal === undefined || isSignal(signal)) return signal;
  throw argumentInvalid(`signal must be an AbortSignal, not ${kindOf(signal)}`);
}

/** Throws ARGUMENT_INVALID for options that are no object. */
export function checkOptions(options: unknown): asserts options is object {
  if (typeof options === 'object' && options !== null) return;
  throw argumentInvalid(`options must be an object, not ${kindOf(options)}`);
}

/** One of another realm counts, so `instanceof` does not do. */
function isSignal(value: unknown): value is AbortSignal {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'aborted') === 'boolean' &&
    typeof Reflect.get(value, 'addEventListener') === 'function' &&
    typeof Reflect.get(value, 'throwIfAborted') === 'function'
  );
}
