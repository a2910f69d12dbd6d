import { abortSignal, completeOptions, type OptionsForm, optional } from '@raft-ts/net/options';
import { argumentInvalid } from '../errors.js';
import { kindOf } from '../namespace/tree/text-to-bytes.js';

export interface CallOptions {
  /** Ends the wait; a change that was sent may still take effect. */
  readonly signal?: AbortSignal;
}

const callOptionsForm: OptionsForm<CallOptions, object> = {
  fields: { signal: optional(abortSignal) },
  defaults: {},
};

/** The signal of a call's options. Throws ARGUMENT_INVALID for what is none, and other options. */
export function signalOf(options: CallOptions): AbortSignal | undefined {
  return completeOptions(callOptionsForm, options, argumentInvalid).signal;
}

/** The same with the options that are left: fields of an operation, which checks them. */
export function signalAndFields<Options extends CallOptions>(
  options: Options,
): readonly [signal: AbortSignal | undefined, fields: Omit<Options, 'signal'>] {
  if (typeof options !== 'object' || options === null) {
    throw argumentInvalid(`options must be an object, not ${kindOf(options)}`);
  }
  const { signal, ...fields } = options;
  return [signalOf(signal === undefined ? {} : { signal }), fields];
}
