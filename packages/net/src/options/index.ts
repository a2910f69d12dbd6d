/**
 * Options of public functions, checked: a form names every field with what it takes, and what does not
 * fit is told with the field's name. Pure, so that pure code may use it.
 */
export {
  abortSignal,
  address,
  bytes,
  callback,
  listOf,
  MAX_TIMER_MS,
  mapOf,
  milliseconds,
  number,
  oneOf,
  optional,
  recordOf,
  share,
  text,
  wholeNumber,
  withMethods,
  yesOrNo,
} from './option-checks.js';
export { completeOptions, nested, type OptionCheck, type OptionsForm } from './options-form.js';
export { unknownNames } from './unknown-names.js';
